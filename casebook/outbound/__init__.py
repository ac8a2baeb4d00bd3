"""Answers to customers: drafts, edits, emails, and the results of their delivery. Delivers nothing itself."""
