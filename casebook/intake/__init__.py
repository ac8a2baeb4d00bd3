"""Processing incoming messages: they are added to a case, or stored until an admin decides. Knows no doors."""
