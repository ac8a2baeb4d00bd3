"""Detect mail that a program sent: bounces, automatic replies, newsletters, reactions. Pure; it knows no case."""
