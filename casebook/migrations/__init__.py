"""The migrations of the schema, one file per change, applied in order by playhouse.migrations; never edited later."""
