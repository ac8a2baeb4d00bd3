"""How values reach SQLite and PostgreSQL, and what their errors mean. It knows no case."""
