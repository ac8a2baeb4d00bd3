"""Composing our mails and handing them to an SMTP server. It does not know which notice they come from."""
