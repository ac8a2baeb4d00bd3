"""The schema's history: frozen steps, one per change, that playhouse.migrations applies in order."""
