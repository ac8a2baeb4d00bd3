"""Statistics and explanations. It changes nothing."""
