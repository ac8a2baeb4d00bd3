"""What `/health` and `/metrics` report, read from the status and the database. It does not know the doors."""
