"""What an operator does beside the running bot: the commands of `casebook`, which `bot/cli.py` lists."""
