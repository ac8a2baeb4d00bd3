"""The mail door: reading the inbox over IMAP, and reading what stands in a mail."""
