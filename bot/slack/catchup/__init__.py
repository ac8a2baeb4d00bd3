"""Finding what was written, edited and deleted in Slack while the bot was not listening. It does not know screens."""
