"""The runs: each causes one kind of failure, ends after a limited time, and returns rows of the table."""
