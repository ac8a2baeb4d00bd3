"""python -m bot: runs Casebook."""

import sys

from bot.main import main

sys.exit(main())
