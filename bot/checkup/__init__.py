"""`casebook check`: checks everything that the bot depends on. It changes nothing."""
