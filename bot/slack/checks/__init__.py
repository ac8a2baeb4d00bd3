"""Checks of the Slack side for `casebook check`, and the app's manifest. They change nothing."""
