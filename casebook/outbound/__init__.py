"""Answers to customers: drafted, sent, corrected, and the mails that carry them. It sends nothing itself."""
