"""The edges: asyncio, and everything that talks to the outside. It sees values, never database rows."""

VERSION = "0.1.0"  # pyproject.toml reads it here, so that it is known where nothing is installed
