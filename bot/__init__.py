"""The edges: asyncio, and everything that talks to the outside."""
