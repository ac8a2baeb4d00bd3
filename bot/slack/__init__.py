"""Receives from Slack (messages, commands, buttons, forms) and posts there. It knows neither mail nor database rows."""
