"""The tables. Their history is in `migrations/`; a test holds the two against each other."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    Uuid,
    false,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _aware(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise ValueError("a time to be kept must be aware")
    return time


class Time(TypeDecorator[datetime]):
    """An aware time in UTC. SQLite keeps no time zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time, which could be of any zone."""
        return _aware(value).astimezone(UTC) if value is not None else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Give the time its zone back."""
        if value is None:
            return None
        time: datetime = value
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


class Instant(TypeDecorator[datetime]):
    """An aware time in whole milliseconds since 1970: a quarter of the room of `Time`, for the largest table."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Keep milliseconds, and refuse a naive time as `Time` does."""
        return round(_aware(value).timestamp() * 1000) if value is not None else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Make it a time again."""
        return datetime.fromtimestamp(value / 1000, UTC) if value is not None else None


class Duration(TypeDecorator[timedelta]):
    """A duration in whole milliseconds: fine enough for the hundredths of a minute that Midjourney prints."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        """Keep milliseconds."""
        return round(value / timedelta(milliseconds=1)) if value is not None else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> timedelta | None:
        """Make it a duration again."""
        return timedelta(milliseconds=value) if value is not None else None


# SQLite numbers rows by itself only in a column declared exactly INTEGER.
RowId = BigInteger().with_variant(Integer(), "sqlite")

accounts = Table(
    "accounts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("created_at", Time, nullable=False),
    # None until ImaginePro has said whether this key may list its fleet.
    Column("lists_fleet", Boolean),
    Column("last_good_round_at", Time),
    Column("last_problem", Text),
    # Credits and expiry as ImaginePro said last (bot.health.account_figures.AccountFigures, as JSON).
    Column("figures", Text),
)

tokens = Table(
    "tokens",
    metadata,
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), primary_key=True),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    # What was read last (bot.health.readings.Reading, as JSON), and whether the fleet ever listed it.
    Column("reading", Text, nullable=False),
    Column("in_fleet", Boolean, nullable=False, server_default=false()),
    Column("sampled_at", Time, nullable=False),
    # Since when good rounds have told nothing of it; None where the last one did.
    Column("unread_since", Time),
    # Up to when its samples are down to about one an hour.
    Column("thinned_until", Time),
)

samples = Table(
    "samples",
    metadata,
    Column("account_id", BigInteger, primary_key=True),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("read_at", Instant, primary_key=True),
    Column("mode", String(20), nullable=False),
    Column("fast_left", Duration),
    Column("fast_total", Duration),
    ForeignKeyConstraint(
        ["account_id", "token_id"],
        [tokens.c.account_id, tokens.c.token_id],
        ondelete="CASCADE",
        name="fk_samples_token",
    ),
    sqlite_with_rowid=False,
)

servers = Table(
    "servers",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("role_id", BigInteger),
    Column("set_up_by", BigInteger, nullable=False),
    Column("set_up_at", Time, nullable=False),
    # Why Discord refuses this channel for good; deliveries wait until the route is set up anew.
    Column("broken_because", Text),
)

# Tokens whose alerts go elsewhere than those of their server.
token_routes = Table(
    "token_routes",
    metadata,
    Column("server_id", ForeignKey(servers.c.server_id, ondelete="CASCADE"), primary_key=True),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("role_id", BigInteger),
    Column("set_up_by", BigInteger, nullable=False),
    Column("set_up_at", Time, nullable=False),
    Column("broken_because", Text),
)

# What a server believes of each token (bot.health.changes.TokenState, as JSON): its own rules decide that.
token_states = Table(
    "token_states",
    metadata,
    Column("server_id", ForeignKey(servers.c.server_id, ondelete="CASCADE"), primary_key=True),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("server_id", ForeignKey(servers.c.server_id, ondelete="CASCADE"), nullable=False),
    Column("sort", String(20), nullable=False),
    # The tokens it is about (bot.health.incidents.Member, as JSON).
    Column("members", Text, nullable=False),
    Column("route_token_id", BigInteger),
    Column("flapping", Boolean, nullable=False, server_default=false()),
    Column("began_at", Time, nullable=False),
    Column("ended_at", Time),
    Column("acknowledged_by", BigInteger),
    Column("acknowledged_at", Time),
    Column("muted_by", BigInteger),
    Column("muted_until", Time),
    Column("reminded", Integer, nullable=False, server_default=text("0")),
    Column("closed_by", BigInteger),
    # Its one living Discord message.
    Column("posted_channel_id", BigInteger),
    Column("posted_message_id", BigInteger),
)
Index(
    "ix_incidents_open",
    incidents.c.server_id,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)

# The timeline of an incident (bot.health.incidents.Event).
incident_events = Table(
    "incident_events",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("incident_id", ForeignKey(incidents.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Time, nullable=False),
    Column("happening", String(20), nullable=False),
    Column("token_id", BigInteger),
    Column("kind", String(20)),
    Column("mode", String(20)),
    Column("by", BigInteger),
    Column("until", Time),
)

mutes = Table(
    "mutes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("server_id", ForeignKey(servers.c.server_id, ondelete="CASCADE"), nullable=False, index=True),
    # None for all tokens.
    Column("token_id", BigInteger),
    Column("until", Time, nullable=False),
    Column("reason", Text, nullable=False),
    Column("muted_by", BigInteger, nullable=False),
    Column("muted_at", Time, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("server_id", ForeignKey(servers.c.server_id, ondelete="CASCADE"), nullable=False),
    Column("incident_id", ForeignKey(incidents.c.id, ondelete="CASCADE"), index=True),
    Column("kind", String(20), nullable=False),
    # Which incidents it sums up, or whose route it is about (ids, as JSON), where one is not enough.
    Column("subjects", Text, nullable=False, server_default=text("'[]'")),
    Column("urgency", Integer, nullable=False),
    Column("nonce", String(25), nullable=False, unique=True),
    Column("recorded_at", Time, nullable=False),
    Column("due_at", Time, nullable=False),
    # While a process is sending it, no other one takes it.
    Column("claimed_until", Time),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("last_problem", Text),
    Column("delivered_at", Time),
)
Index(
    "ix_deliveries_waiting",
    deliveries.c.server_id,
    deliveries.c.due_at,
    sqlite_where=text("delivered_at IS NULL"),
    postgresql_where=text("delivered_at IS NULL"),
)

# What the people of a server call a token.
token_names = Table(
    "token_names",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(50), nullable=False),
    Column("named_by", BigInteger, nullable=False),
    Column("named_at", Time, nullable=False),
)

# The one Discord message of a server that keeps itself up to date.
boards = Table(
    "boards",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    # None until it is posted; the nonce lets Discord drop a repeat of that.
    Column("posted_message_id", BigInteger),
    Column("nonce", String(25), nullable=False),
    Column("posted_by", BigInteger, nullable=False),
    Column("posted_at", Time, nullable=False),
    # A fingerprint of what it shows, and when that was shown.
    Column("shown", String(64)),
    Column("shown_at", Time),
    # Why Discord refuses it, and when it is tried again.
    Column("problem", Text),
    Column("tried_again_at", Time),
)

# Up to when a server has been told by digests.
digests = Table(
    "digests",
    metadata,
    Column("server_id", ForeignKey(servers.c.server_id, ondelete="CASCADE"), primary_key=True),
    Column("told_until", Time, nullable=False),
)

# Which process does what only one may do at a time, and until when it may without saying so again.
leases = Table(
    "leases",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("holder", String(25), nullable=False),
    Column("until", Time, nullable=False),
)

watches = Table(
    "watches",
    metadata,
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), primary_key=True),
    Column("message_id", Uuid, primary_key=True),
    Column("token_id", BigInteger),
    Column("server_id", BigInteger, nullable=False),
    Column("watched_by", BigInteger, nullable=False),
    Column("watched_at", Time, nullable=False),
    Column("last_problem", Text),
)

traces = Table(
    "traces",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("message_id", Uuid, primary_key=True),
    Column("token_id", BigInteger, nullable=False),
    Column("traced_at", Time, nullable=False),
    Index("ix_traces_lately", "server_id", "traced_at"),
)

# What a server has set for itself, whether or not it has alerts.
rules = Table(
    "rules",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("moderators_role_id", BigInteger),
    # The numbers that differ from the defaults (bot.health.rules.Rules, as JSON).
    Column("numbers", Text, nullable=False, server_default=text("'{}'")),
)

# Who changed what: ids only.
audit = Table(
    "audit",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("server_id", BigInteger, nullable=False),
    Column("member_id", BigInteger, nullable=False),
    Column("action", String(30), nullable=False),
    Column("target", String(100), nullable=False),
    Column("at", Time, nullable=False),
    Column("outcome", String(20), nullable=False),
    Index("ix_audit_latest", "server_id", "at"),
)

# What the program remembers about itself, by name.
notes = Table(
    "notes",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("value", Text, nullable=False),
)
