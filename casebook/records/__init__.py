"""Small facts that operations store and read: history, positions, IDs, addresses. No decisions are made here."""
