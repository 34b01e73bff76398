"""The same account, ImaginePro and Discord as for the monitor."""

from tests.monitor.conftest import alerting, client, discord_server, one_try, other_team, team, world

__all__ = ["alerting", "client", "discord_server", "one_try", "other_team", "team", "world"]
