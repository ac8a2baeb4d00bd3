"""Checks and comparisons of the mail servers for `casebook check` and `casebook reconcile`. They change nothing."""
