"""Extract the readable text and the subject of a mail, from plain text or HTML. Pure; it knows no sender."""
