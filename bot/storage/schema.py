"""The tables. Their history is in `migrations/`; a test compares the two."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    false,
    text,
)

from bot.domain.account import AccountQuota
from bot.domain.conditions import Condition, ConditionState
from bot.domain.incidents import AffectedToken
from bot.domain.outages import Outage
from bot.domain.readings import Reading
from bot.domain.rules import Rules
from bot.domain.tracking import TokenState
from bot.storage.columns import DurationMillis, EpochMillis, PydanticJson, RowId, UtcDateTime
from bot.storage.payloads import StoredPayload

# With explicit names, migrations can refer to constraints on both databases.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

PARTIAL = "where"
"""In the `info` of an index: which rows it has. As an option of the index, it would load the code of both databases."""

accounts = Table(
    "accounts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    # None until ImaginePro has said whether this key may list its fleet.
    Column("lists_fleet", Boolean),
    Column("last_success_at", UtcDateTime),
    Column("last_error", Text),
    # The failed checks in a row; NULL after one that read tokens.
    Column("outage", PydanticJson(Outage)),
    # The ids of the tokens that are listed, but were never read, since they have no status.
    Column("never_read", PydanticJson(tuple[int, ...])),
    # The latest credits and expiry from ImaginePro.
    Column("quota", PydanticJson(AccountQuota, exclude_defaults=False)),
)

# How often what the checks of an account read has changed, besides ImaginePro's answers. A table of its own: a check
# locks the account before the routes of its servers, and other transactions the routes first.
account_revisions = Table(
    "account_revisions",
    metadata,
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), primary_key=True),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    # The latest reading, and whether the fleet has ever listed the token.
    Column("reading", PydanticJson(Reading), nullable=False),
    Column("in_fleet", Boolean, nullable=False, server_default=false()),
    Column("sampled_at", UtcDateTime, nullable=False),
    # Since when successful rounds had no reading of it; NULL if the latest round had one.
    Column("missing_since", UtcDateTime),
    # Up to when its samples are downsampled to about one an hour.
    Column("downsampled_until", UtcDateTime),
)

samples = Table(
    "samples",
    metadata,
    Column("account_id", BigInteger, primary_key=True),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("read_at", EpochMillis, primary_key=True),
    Column("mode", String(20), nullable=False),
    Column("fast_left", DurationMillis),
    Column("fast_total", DurationMillis),
    ForeignKeyConstraint(
        ["account_id", "token_id"],
        [tokens.c.account_id, tokens.c.token_id],
        ondelete="CASCADE",
        name="fk_samples_token",
    ),
    sqlite_with_rowid=False,  # the primary key is then the table itself, not a second copy of most columns
)

alert_routes = Table(
    "alert_routes",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("role_id", BigInteger),
    Column("created_by", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # Why it is disabled (bot.domain.alert_routes.DisabledReason), since when, and when it is tried again.
    Column("disabled_reason", String(30)),
    Column("disabled_at", UtcDateTime),
    Column("retry_at", UtcDateTime),
    # Why its alerts do not ping the role (bot.domain.alert_routes.PingProblem), as moderators were told.
    Column("ping_problem", String(30)),
    # Whether the channel is a forum, in which each alert is a post.
    Column("is_forum", Boolean, nullable=False, server_default=false()),
)

# Tokens with a route of their own.
token_routes = Table(
    "token_routes",
    metadata,
    Column("server_id", ForeignKey(alert_routes.c.server_id, ondelete="CASCADE"), primary_key=True),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("role_id", BigInteger),
    Column("created_by", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_reason", String(30)),
    Column("disabled_at", UtcDateTime),
    Column("retry_at", UtcDateTime),
    # Why its alerts do not ping the role (bot.domain.alert_routes.PingProblem), as moderators were told.
    Column("ping_problem", String(30)),
    # Whether the channel is a forum, in which each alert is a post.
    Column("is_forum", Boolean, nullable=False, server_default=false()),
)

# The confirmed state of each token, for each server: its rules decide what is confirmed.
token_states = Table(
    "token_states",
    metadata,
    Column("server_id", ForeignKey(alert_routes.c.server_id, ondelete="CASCADE"), primary_key=True),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("state", PydanticJson(TokenState), nullable=False),
)

# What checks have confirmed of the conditions of the fleet and the account, for each server.
condition_states = Table(
    "condition_states",
    metadata,
    Column("server_id", ForeignKey(alert_routes.c.server_id, ondelete="CASCADE"), primary_key=True),
    Column("type", String(20), primary_key=True),
    Column("state", PydanticJson(ConditionState), nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("server_id", ForeignKey(alert_routes.c.server_id, ondelete="CASCADE"), nullable=False),
    Column("type", String(20), nullable=False),
    # The affected tokens. Always read and written as a whole, and never searched, so they are no table.
    Column("members", PydanticJson(tuple[AffectedToken, ...]), nullable=False),
    Column("route_token_id", BigInteger),
    Column("flapping", Boolean, nullable=False, server_default=false()),
    Column("started_at", UtcDateTime, nullable=False),
    Column("resolved_at", UtcDateTime),
    # Why there is no data (bot.domain.outages.NoDataCause), in an incident about that.
    Column("cause", String(20)),
    # What is wrong, in an incident about the whole fleet or account.
    Column("condition", PydanticJson(Condition)),
    # Whether an alert about the team's capacity pings and reminds instead.
    Column("inhibited", Boolean, nullable=False, server_default=false()),
    Column("acknowledged_by", BigInteger),
    Column("acknowledged_at", UtcDateTime),
    # The member who works on it.
    Column("assigned_to", BigInteger),
    # Since when nobody has acknowledged it, if that is later than its start; when a second role was pinged for that.
    Column("unacknowledged_since", UtcDateTime),
    Column("escalated_at", UtcDateTime),
    # When it was alerted in quiet hours, until the summary after them.
    Column("quiet_at", UtcDateTime),
    Column("muted_by", BigInteger),
    Column("muted_at", UtcDateTime),
    Column("muted_until", UtcDateTime),
    Column("reminders_sent", Integer, nullable=False, server_default=text("0")),
    Column("closed_by", BigInteger),
    # Why it was closed (bot.domain.incidents.CloseReason), unless by its button.
    Column("close_reason", String(20)),
    Column("posted_channel_id", BigInteger),
    Column("posted_message_id", BigInteger),
    # The Discord thread under its message, where its timeline goes on.
    Column("thread_id", BigInteger),
)
Index(None, incidents.c.server_id, info={PARTIAL: "resolved_at IS NULL"})
# Each check reads those that the summary after quiet hours has yet to list.
Index(None, incidents.c.server_id, incidents.c.started_at, info={PARTIAL: "quiet_at IS NOT NULL"})

# The timeline of an incident (bot.domain.incidents.TimelineEvent).
incident_events = Table(
    "incident_events",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("incident_id", ForeignKey(incidents.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("type", String(20), nullable=False),
    Column("token_id", BigInteger),
    Column("kind", String(20)),
    Column("mode", String(20)),
    Column("actor_id", BigInteger),
    Column("assignee_id", BigInteger),
    Column("note", Text),
    Column("expires_at", UtcDateTime),
)

mutes = Table(
    "mutes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("server_id", ForeignKey(alert_routes.c.server_id, ondelete="CASCADE"), nullable=False, index=True),
    Column("token_id", BigInteger),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("muted_by", BigInteger, nullable=False),
    Column("muted_at", UtcDateTime, nullable=False),
    # Whether it holds back urgent alerts too.
    Column("include_urgent", Boolean, nullable=False, server_default=false()),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("server_id", ForeignKey(alert_routes.c.server_id, ondelete="CASCADE"), nullable=False),
    Column("incident_id", ForeignKey(incidents.c.id, ondelete="CASCADE"), index=True),
    # Without an incident: the token whose own route it takes.
    Column("route_token_id", BigInteger),
    Column("kind", String(20), nullable=False),
    # Its data besides the incident; NULL for most kinds.
    Column("payload", PydanticJson(StoredPayload, exclude_defaults=False)),
    Column("urgency", Integer, nullable=False),
    Column("nonce", String(25), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    # Until then, no other process sends it.
    Column("claimed_until", UtcDateTime),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    # How often Discord has rejected the message itself.
    Column("rejections", Integer, nullable=False, server_default=text("0")),
    Column("last_error", Text),
    Column("delivered_at", UtcDateTime),
)
Index(None, deliveries.c.server_id, deliveries.c.next_attempt_at, info={PARTIAL: "delivered_at IS NULL"})
# What waits of one incident. Without it, PostgreSQL compares all that waits with itself until it has statistics.
Index(None, deliveries.c.incident_id, deliveries.c.id, info={PARTIAL: "delivered_at IS NULL"})
# The order in which the notifier looks for what is due.
Index(None, deliveries.c.urgency.desc(), deliveries.c.next_attempt_at, info={PARTIAL: "delivered_at IS NULL"})

# The names that a server has given its tokens.
token_names = Table(
    "token_names",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(50), nullable=False),
    Column("named_by", BigInteger, nullable=False),
    Column("named_at", UtcDateTime, nullable=False),
)

# The members who can act when the account of a token must be verified or is banned.
token_owners = Table(
    "token_owners",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("member_id", BigInteger, nullable=False),
    Column("named_by", BigInteger, nullable=False),
    Column("named_at", UtcDateTime, nullable=False),
)

# One Discord message per server that is kept up to date.
boards = Table(
    "boards",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    # The forum of the post that is the channel; NULL outside a forum.
    Column("forum_id", BigInteger),
    # NULL until it is posted. With the nonce, Discord drops a repeated post.
    Column("posted_message_id", BigInteger),
    Column("nonce", String(25), nullable=False),
    Column("posted_by", BigInteger, nullable=False),
    Column("posted_at", UtcDateTime, nullable=False),
    # The hash of what it shows, and when that was posted.
    Column("content_hash", String(64)),
    Column("edited_at", UtcDateTime),
    # The error of the last attempt, and when the next one is due.
    Column("last_error", Text),
    Column("next_attempt_at", UtcDateTime),
)

# The end of the last period for which a server got a digest.
digests = Table(
    "digests",
    metadata,
    Column("server_id", ForeignKey(alert_routes.c.server_id, ondelete="CASCADE"), primary_key=True),
    Column("sent_until", UtcDateTime, nullable=False),
)

# Which process runs a task that only one may run at a time, and when its lease expires unless it is renewed.
leases = Table(
    "leases",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("holder", String(25), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

# The processes that run, as long as they say so.
processes = Table(
    "processes",
    metadata,
    Column("id", String(25), primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False),
)

# Which process checks the accounts of a partition, and when it no longer does unless it renews that. Both are NULL
# where no process does. The first process adds the rows.
partitions = Table(
    "partitions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("holder", String(25)),
    Column("expires_at", UtcDateTime),
)

watches = Table(
    "watches",
    metadata,
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), primary_key=True),
    Column("message_id", Uuid, primary_key=True),
    Column("token_id", BigInteger),
    Column("server_id", BigInteger, nullable=False),
    Column("watched_by", BigInteger, nullable=False),
    Column("watched_at", UtcDateTime, nullable=False),
    Column("last_error", Text),
)

traces = Table(
    "traces",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("message_id", Uuid, primary_key=True),
    Column("token_id", BigInteger, nullable=False),
    Column("traced_at", UtcDateTime, nullable=False),
    Index(None, "server_id", "traced_at"),
)

# The settings of a server. They do not depend on a route, so they stay when alerts are switched off.
server_settings = Table(
    "server_settings",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("moderators_role_id", BigInteger),
    # Only the rules that differ from the defaults.
    Column("rules", PydanticJson(Rules), nullable=False, server_default=text("'{}'")),
)

# Who changed what, by ids only.
audit = Table(
    "audit",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("server_id", BigInteger, nullable=False),
    Column("member_id", BigInteger, nullable=False),
    Column("action", String(30), nullable=False),
    Column("target", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("outcome", String(20), nullable=False),
    Index(None, "server_id", "at"),
)

# State of the application itself, as named values.
app_state = Table(
    "app_state",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("value", Text, nullable=False),
)
