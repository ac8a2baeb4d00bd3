"""Checks and comparisons of the mail side for `casebook check` and `casebook reconcile`. They change nothing."""
