"""`casebook check`: tries everything that the bot depends on. It changes nothing."""
