"""Reading an inbox over IMAP without losing a mail. It does not know what is written in a mail."""
