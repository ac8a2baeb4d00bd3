"""Catching up: what was written, edited and deleted in Slack while nobody listened is read back."""
