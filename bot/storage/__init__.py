"""The database: tables, queries and migrations, with one implementation for SQLite and PostgreSQL."""

from bot.storage.no_orm import leave_out_orm

# Before any module imports sqlalchemy.ext.asyncio.
leave_out_orm()
