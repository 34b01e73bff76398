"""The same account, ImaginePro and Discord as for the monitor."""

from tests.monitor.conftest import client, discord_server, harness, one_try, other_team, quick_sqlite, team, world

__all__ = ["client", "discord_server", "harness", "one_try", "other_team", "quick_sqlite", "team", "world"]
