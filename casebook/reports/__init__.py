"""Numbers and explanations for people. It changes nothing."""
