"""The runs: each breaks one kind of thing, is bounded, and gives rows of the table."""
