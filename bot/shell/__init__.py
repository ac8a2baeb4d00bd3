"""The operator's commands beside the running bot, which `bot/cli.py` lists. They decide nothing about cases."""
