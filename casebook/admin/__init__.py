"""What the operator asks of the book: inspection, quarantine, outbox, outages. It decides nothing about cases."""
