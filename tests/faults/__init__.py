"""The fault harness: causes every kind of failure, and compares what users saw with what the database holds."""
