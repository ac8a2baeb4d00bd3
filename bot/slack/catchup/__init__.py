"""Finds what was written, edited or deleted on Slack while the bot was not listening. It does not know screens."""
