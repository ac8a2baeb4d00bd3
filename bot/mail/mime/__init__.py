"""Parse the structure of a mail (MIME): parts, headers, charsets, limits. It does not know what the text means."""
