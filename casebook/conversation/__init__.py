"""The messages of a case, and what follows from them. It opens no transaction, and posts nothing."""
