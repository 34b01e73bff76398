"""The results of the probes, before they are put into words."""

from dataclasses import dataclass

from bot.domain.alert_routes import DisabledReason
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class SettingsFacts:
    """The problems, and the settings with placeholders for those in `wrong`; None where none can be read."""

    problems: tuple[str, ...]
    settings: Settings | None
    wrong: frozenset[str]
    has_none_required: bool
    """Whether no setting without a default is usable."""
    has_env_file: bool
    env_file_is_open: bool


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The service gave no usable response; the reason is not escaped yet."""

    reason: str


@dataclass(frozen=True, slots=True)
class AlertRoute:
    """Where a server's alerts go, as stored."""

    server_id: int
    channel_id: int
    role_id: int | None
    disabled_reason: DisabledReason | None


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """The database as a start would find it. `version` is None while it has no tables of ours.

    `routes` is None where they cannot be read, since the tables are of an older version.
    """

    engine: str
    exists: bool
    version: str | None
    newest: str
    routes: tuple[AlertRoute, ...] | None = ()


@dataclass(frozen=True, slots=True)
class DatabaseFault:
    """Why the database cannot be used, as one sentence."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Login:
    """The account that the Discord token belongs to."""

    bot_id: int
    application_id: int
    name: str


@dataclass(frozen=True, slots=True)
class UnknownToken:
    """Discord does not know the token."""


@dataclass(frozen=True, slots=True)
class RouteFacts:
    """A route as Discord has it. A name is None where the channel or role no longer exists."""

    route: AlertRoute
    channel: str | None
    lacking: tuple[str, ...]
    role: str | None
    pings: bool


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """A server that the bot is a member of, and the routes there."""

    name: str
    routes: tuple[RouteFacts, ...]


@dataclass(frozen=True, slots=True)
class NotMember:
    """The bot is not in the server, or there is none with that id; Discord responds the same to both."""
