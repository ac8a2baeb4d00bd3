"""Reading mails in a process of its own, so that a hostile mail stops only that process. It knows no server."""
