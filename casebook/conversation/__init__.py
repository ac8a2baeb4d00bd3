"""The messages of a case, and what follows from them. Most functions run inside the caller's transaction."""
