"""`casebook check`: everything that the bot is built on, tried without changing anything."""
