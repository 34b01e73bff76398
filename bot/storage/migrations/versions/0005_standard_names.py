"""Standard names for tables, columns, stored values and the fields of JSON; typed payloads and disabled reasons.

SQLite cannot change foreign keys or constraint names of an existing table, and dropping a table deletes the rows that
refer to it. So the tables whose constraints name a renamed table are read completely, dropped, created again and
filled. They are small, since resolved incidents are deleted after a while. The samples, the largest table, are not
touched.
"""

import sqlalchemy as sa
from alembic import op

from bot.storage.migrations.conversions_0005 import CONVERT, Row

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# SQLite assigns row ids only to a column declared exactly INTEGER.
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
sa.Table("accounts", metadata, sa.Column("id", ROW_ID, primary_key=True))


def _server(*, primary_key: bool = False, index: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey("alert_routes.server_id", ondelete="CASCADE")
    return sa.Column("server_id", sa.BigInteger, key, primary_key=primary_key, nullable=False, index=index)


def _incident(*, nullable: bool) -> sa.Column[int]:
    key = sa.ForeignKey("incidents.id", ondelete="CASCADE")
    return sa.Column("incident_id", ROW_ID, key, nullable=nullable, index=True)


def _own_id(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False)


# Tables that are created again, parents first.
TABLES = (
    sa.Table(
        "alert_routes",
        metadata,
        _own_id("server_id"),
        sa.Column("account_id", ROW_ID, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("role_id", sa.BigInteger),
        sa.Column("created_by", sa.BigInteger, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("disabled_reason", sa.String(30)),
    ),
    sa.Table(
        "server_settings",
        metadata,
        _own_id("server_id"),
        sa.Column("moderators_role_id", sa.BigInteger),
        sa.Column("rules", sa.Text, nullable=False, server_default=sa.text("'{}'")),
    ),
    sa.Table(
        "app_state",
        metadata,
        sa.Column("name", sa.String(50), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    ),
    sa.Table(
        "token_routes",
        metadata,
        _server(primary_key=True),
        _own_id("token_id"),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("role_id", sa.BigInteger),
        sa.Column("created_by", sa.BigInteger, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("disabled_reason", sa.String(30)),
    ),
    sa.Table(
        "token_states",
        metadata,
        _server(primary_key=True),
        _own_id("token_id"),
        sa.Column("state", sa.Text, nullable=False),
    ),
    sa.Table("digests", metadata, _server(primary_key=True), sa.Column("sent_until", TIME, nullable=False)),
    sa.Table(
        "mutes",
        metadata,
        sa.Column("id", ROW_ID, primary_key=True),
        _server(index=True),
        sa.Column("token_id", sa.BigInteger),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("muted_by", sa.BigInteger, nullable=False),
        sa.Column("muted_at", TIME, nullable=False),
    ),
    sa.Table(
        "incidents",
        metadata,
        sa.Column("id", ROW_ID, primary_key=True),
        _server(),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("members", sa.Text, nullable=False),
        sa.Column("route_token_id", sa.BigInteger),
        sa.Column("flapping", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("resolved_at", TIME),
        sa.Column("acknowledged_by", sa.BigInteger),
        sa.Column("acknowledged_at", TIME),
        sa.Column("muted_by", sa.BigInteger),
        sa.Column("muted_until", TIME),
        sa.Column("reminders_sent", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("closed_by", sa.BigInteger),
        sa.Column("posted_channel_id", sa.BigInteger),
        sa.Column("posted_message_id", sa.BigInteger),
        sa.Index(
            None,
            "server_id",
            sqlite_where=sa.text("resolved_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NULL"),
        ),
    ),
    sa.Table(
        "incident_events",
        metadata,
        sa.Column("id", ROW_ID, primary_key=True),
        _incident(nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("token_id", sa.BigInteger),
        sa.Column("kind", sa.String(20)),
        sa.Column("mode", sa.String(20)),
        sa.Column("actor_id", sa.BigInteger),
        sa.Column("expires_at", TIME),
    ),
    sa.Table(
        "deliveries",
        metadata,
        sa.Column("id", ROW_ID, primary_key=True),
        _server(),
        _incident(nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("payload", sa.Text),
        sa.Column("urgency", sa.Integer, nullable=False),
        sa.Column("nonce", sa.String(25), nullable=False, unique=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("next_attempt_at", TIME, nullable=False),
        sa.Column("claimed_until", TIME),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("last_error", sa.Text),
        sa.Column("delivered_at", TIME),
        sa.Index(
            None,
            "server_id",
            "next_attempt_at",
            sqlite_where=sa.text("delivered_at IS NULL"),
            postgresql_where=sa.text("delivered_at IS NULL"),
        ),
    ),
)
OLD_TABLES = {"alert_routes": "servers", "server_settings": "rules", "app_state": "notes"}
ROUTE = {"created_by": "set_up_by", "created_at": "set_up_at", "disabled_reason": "broken_because"}
# Where a column had another name: the old one by the new one.
OLD_COLUMNS = {
    "alert_routes": ROUTE,
    "token_routes": ROUTE,
    "server_settings": {"rules": "numbers"},
    "digests": {"sent_until": "told_until"},
    "mutes": {"expires_at": "until"},
    "incidents": {"type": "sort", "started_at": "began_at", "resolved_at": "ended_at", "reminders_sent": "reminded"},
    "incident_events": {"type": "happening", "actor_id": "by", "expires_at": "until"},
    "deliveries": {
        "payload": "subjects",
        "created_at": "recorded_at",
        "next_attempt_at": "due_at",
        "attempts": "tries",
        "last_error": "last_problem",
    },
}
# Tables that stay, and their columns that get other names.
RENAMED = {
    "accounts": {"last_good_round_at": "last_success_at", "last_problem": "last_error", "figures": "quota"},
    "tokens": {"unread_since": "missing_since", "thinned_until": "downsampled_until"},
    "boards": {
        "shown": "content_hash",
        "shown_at": "edited_at",
        "problem": "last_error",
        "tried_again_at": "next_attempt_at",
    },
    "leases": {"until": "expires_at"},
    "watches": {"last_problem": "last_error"},
}


def upgrade() -> None:
    """Rename what can be renamed in place, and create the other tables again."""
    connection = op.get_bind()
    for name, columns in RENAMED.items():
        for old, new in columns.items():
            op.execute(f"ALTER TABLE {name} RENAME COLUMN {old} TO {new}")
    for name, index, columns_of_it in (
        ("traces", "ix_traces_lately", ["server_id", "traced_at"]),
        ("audit", "ix_audit_latest", ["server_id", "at"]),
    ):
        op.drop_index(index, name)
        op.create_index(op.f(f"ix_{name}_{'_'.join(columns_of_it)}"), name, columns_of_it)
    rows = {table.name: _read(connection, table) for table in TABLES}
    numbers = _last_ids(connection)
    for table in reversed(TABLES):
        op.drop_table(OLD_TABLES.get(table.name, table.name))
    metadata.create_all(connection, TABLES, checkfirst=False)
    for table in TABLES:
        if rows[table.name]:
            connection.execute(sa.insert(table), [CONVERT.get(table.name, dict)(row) for row in rows[table.name]])
    for sequence, last, is_called in numbers:
        connection.execute(
            sa.text("SELECT setval(CAST(:name AS regclass), :last, :is_called)"),
            {"name": sequence, "last": last, "is_called": is_called},
        )


def _read(connection: sa.Connection, table: sa.Table) -> list[Row]:
    """Return all rows of a table before the migration, with the new column names."""
    old_columns = OLD_COLUMNS.get(table.name, {})
    columns = [sa.column(old_columns.get(column.name, column.name), column.type) for column in table.c]
    old = sa.table(OLD_TABLES.get(table.name, table.name), *columns)
    query = sa.select(*(old.c[each.name].label(column.name) for each, column in zip(columns, table.c, strict=True)))
    return [dict(row) for row in connection.execute(query).mappings()]


def _last_ids(connection: sa.Connection) -> list[tuple[str, int, bool]]:
    """Return PostgreSQL's sequences. Ids are never reused, since a button in Discord may still refer to one."""
    if connection.dialect.name != "postgresql":
        return []
    names = [f"{table.name}_id_seq" for table in TABLES if "id" in table.c]
    return [
        (name, *connection.execute(sa.text(f"SELECT last_value, is_called FROM {name}")).one())  # noqa: S608
        for name in names
    ]
