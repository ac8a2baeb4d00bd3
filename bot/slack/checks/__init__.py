"""Checks of Slack for `casebook check`, and the app's manifest. They change nothing."""
