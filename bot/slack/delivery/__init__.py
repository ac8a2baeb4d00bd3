"""Posting one notice on Slack exactly once: rendering, posting, looking up. It decides nothing about cases."""
