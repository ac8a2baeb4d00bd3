"""The readable text and the subject of a mail, from plain text or HTML. Pure; it does not know who wrote it."""
