"""The attachments folder: which files are kept, and the files themselves. It does not know who sent them."""
