"""Compose our mail and send it to an SMTP server. It does not know which notice a mail comes from."""
