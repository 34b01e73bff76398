"""Tables, queries and migrations: one implementation for SQLite and PostgreSQL."""
