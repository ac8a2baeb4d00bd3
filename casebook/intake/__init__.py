"""Taking a message in: into its case, or until an admin decides. It does not know the doors."""
