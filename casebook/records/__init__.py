"""Small facts that operations write and read: history, positions, names, addresses. They decide nothing."""
