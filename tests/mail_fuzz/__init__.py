"""A search for small mails that cost much to read: `python -m tests.mail_fuzz --seed 11 --minutes 3`."""
