"""Separate new text from quoted and forwarded text. Pure; it knows no sender and no case."""
