"""Fixtures for all tests."""

from tests.end_to_end.forks import fork_server
from tests.postgres import postgres_server, postgres_url

__all__ = ["fork_server", "postgres_server", "postgres_url"]
