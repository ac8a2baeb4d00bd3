"""Posting one notice on Slack exactly once: wording, posting, looking up. It decides nothing about cases."""
