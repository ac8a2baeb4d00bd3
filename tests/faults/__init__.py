"""The fault harness: breaks everything that can break, and compares what the outside saw with what the book holds."""
