"""A search for small mails that are expensive to parse: `python -m tests.mail_fuzz --seed 11 --minutes 3`."""
