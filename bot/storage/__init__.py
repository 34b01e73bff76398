"""The database: tables, queries and migrations, with one implementation for SQLite and PostgreSQL."""
