"""Incidents, token states and rules for each server; token routes, mutes, leases.

The states of tokens and the incidents are copied to every server with the account, with their Discord messages and the
undelivered deliveries.
"""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only in a column declared exactly INTEGER.
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
KINDS = {
    "RELAX": "left_fast",
    "VERIFYING": "verifying",
    "BANNED": "banned",
    "OFF": "switched_off",
    "GONE": "not_listed",
}
WARNING, ROUTINE = 2, 0
BELIEFS = ("mode", "since", "out_since", "doubt_mode", "doubt_since", "doubt_readings")


def upgrade() -> None:
    """Create the new tables, and copy what is in progress."""
    connection = op.get_bind()
    servers = _rows(connection, "servers", "server_id", "account_id")
    tokens = _rows(connection, "tokens", "account_id", "token_id", *BELIEFS)
    incidents = _rows(
        connection,
        "incidents",
        "id",
        "account_id",
        "token_id",
        "mode_before",
        "mode",
        "began_at",
        "ended_at",
        "switched_off_by",
    )
    posts = _rows(connection, "posts", "incident_id", "server_id", "channel_id", "discord_message_id")
    deliveries = _rows(
        connection,
        "deliveries",
        "server_id",
        "incident_id",
        "kind",
        "nonce",
        "recorded_at",
        "due_at",
        "tries",
        "delivered_at",
        "id",
    )
    for table in ("posts", "deliveries", "incidents"):
        op.drop_table(table)
    for column in BELIEFS:
        op.drop_column("tokens", column)
    op.add_column("rules", sa.Column("numbers", sa.Text(), server_default=sa.text("'{}'"), nullable=False))
    _make_tables()
    _take_over_beliefs(connection, servers, tokens)
    ids = _take_over_incidents(connection, servers, incidents, posts)
    _take_over_deliveries(connection, deliveries, ids)


def _rows(connection: sa.Connection, table: str, *columns: str) -> list[dict[str, Any]]:
    times = ("since", "out_since", "doubt_since", "began_at", "ended_at", "recorded_at", "due_at", "delivered_at")
    light = sa.table(table, *(sa.column(name, TIME if name in times else None) for name in columns))
    order = sa.select(light).order_by(light.c[columns[-1] if columns[-1] == "id" else columns[0]])
    return [dict(row) for row in connection.execute(order).mappings()]


def _text(time: datetime | None) -> str | None:
    """Return a time for JSON. SQLite stores no time zone, and stored times are in UTC."""
    return None if time is None else (time if time.tzinfo else time.replace(tzinfo=UTC)).isoformat()


def _take_over_beliefs(connection: sa.Connection, servers: list[dict[str, Any]], tokens: list[dict[str, Any]]) -> None:
    states = sa.table("token_states", *map(sa.column, ("server_id", "token_id", "state")))
    rows = [
        {"server_id": server["server_id"], "token_id": token["token_id"], "state": json.dumps(_belief(token))}
        for server in servers
        for token in tokens
        if token["account_id"] == server["account_id"]
    ]
    if rows:
        connection.execute(sa.insert(states), rows)


def _belief(token: dict[str, Any]) -> dict[str, Any]:
    doubt = None
    if token["doubt_mode"]:
        doubt = {
            "mode": token["doubt_mode"],
            "since": _text(token["doubt_since"]),
            "readings": token["doubt_readings"],
        }
    return {
        "token_id": token["token_id"],
        "mode": token["mode"],
        "since": _text(token["since"]),
        "doubt": doubt,
        "out_since": _text(token["out_since"]),
    }


def _take_over_incidents(
    connection: sa.Connection,
    servers: list[dict[str, Any]],
    incidents: list[dict[str, Any]],
    posts: list[dict[str, Any]],
) -> dict[tuple[int, int], int]:
    """Give each server its own copy of an incident; return the new ids by old id and server."""
    names = ("id", "server_id", "sort", "members", "posted_channel_id", "posted_message_id")
    new = sa.table("incidents", *map(sa.column, names), sa.column("began_at", TIME), sa.column("ended_at", TIME))
    posted = {(post["incident_id"], post["server_id"]): post for post in posts}
    ids: dict[tuple[int, int], int] = {}
    for incident in incidents:
        for server in servers:
            if incident["account_id"] != server["account_id"]:
                continue
            post = posted.get((incident["id"], server["server_id"]), {})
            row = {
                "id": len(ids) + 1,
                "server_id": server["server_id"],
                "sort": "mode",
                "members": json.dumps([_member(incident)]),
                "began_at": incident["began_at"],
                "ended_at": incident["ended_at"],
                "posted_channel_id": post.get("channel_id"),
                "posted_message_id": post.get("discord_message_id"),
            }
            connection.execute(sa.insert(new), row)
            ids[incident["id"], server["server_id"]] = row["id"]
    if ids and connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT setval(pg_get_serial_sequence('incidents', 'id'), :id)"), {"id": len(ids)})
    return ids


def _member(incident: dict[str, Any]) -> dict[str, Any]:
    kind = KINDS.get(incident["mode"], "unknown_status")
    return {
        "token_id": incident["token_id"],
        "kind": kind,
        "worst": kind,
        "mode_before": incident["mode_before"],
        "mode": incident["mode"],
        "began_at": _text(incident["began_at"]),
        "ended_at": _text(incident["ended_at"]),
        "switched_off_by": incident["switched_off_by"],
    }


def _take_over_deliveries(
    connection: sa.Connection, deliveries: list[dict[str, Any]], ids: dict[tuple[int, int], int]
) -> None:
    times = ("recorded_at", "due_at")
    names = ("server_id", "incident_id", "kind", "urgency", "nonce", "tries")
    new = sa.table("deliveries", *map(sa.column, names), *(sa.column(name, TIME) for name in times))
    rows = [
        {name: delivery.get(name) for name in (*names, *times)}
        | {
            "incident_id": ids.get((delivery["incident_id"], delivery["server_id"])),
            "urgency": WARNING if delivery["kind"] == "began" else ROUTINE,
        }
        for delivery in deliveries
        if delivery["delivered_at"] is None
    ]
    if rows:
        connection.execute(sa.insert(new), rows)


def _make_tables() -> None:
    op.create_table(
        "token_routes",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("token_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("role_id", sa.BigInteger()),
        sa.Column("set_up_by", sa.BigInteger(), nullable=False),
        sa.Column("set_up_at", TIME, nullable=False),
        sa.Column("broken_because", sa.Text()),
        _of_a_server("token_routes"),
        sa.PrimaryKeyConstraint("server_id", "token_id", name=op.f("pk_token_routes")),
    )
    op.create_table(
        "token_states",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("token_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        _of_a_server("token_states"),
        sa.PrimaryKeyConstraint("server_id", "token_id", name=op.f("pk_token_states")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("holder", sa.String(length=25), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "mutes",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("token_id", sa.BigInteger()),
        sa.Column("until", TIME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("muted_by", sa.BigInteger(), nullable=False),
        sa.Column("muted_at", TIME, nullable=False),
        _of_a_server("mutes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutes")),
    )
    op.create_index(op.f("ix_mutes_server_id"), "mutes", ["server_id"])
    _make_incidents()
    _make_deliveries()


def _make_incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("sort", sa.String(length=20), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("route_token_id", sa.BigInteger()),
        sa.Column("flapping", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("acknowledged_by", sa.BigInteger()),
        sa.Column("acknowledged_at", TIME),
        sa.Column("muted_by", sa.BigInteger()),
        sa.Column("muted_until", TIME),
        sa.Column("reminded", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("closed_by", sa.BigInteger()),
        sa.Column("posted_channel_id", sa.BigInteger()),
        sa.Column("posted_message_id", sa.BigInteger()),
        _of_a_server("incidents"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index(
        "ix_incidents_open",
        "incidents",
        ["server_id"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "incident_events",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("incident_id", ROW_ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("happening", sa.String(length=20), nullable=False),
        sa.Column("token_id", sa.BigInteger()),
        sa.Column("kind", sa.String(length=20)),
        sa.Column("mode", sa.String(length=20)),
        sa.Column("by", sa.BigInteger()),
        sa.Column("until", TIME),
        _of_an_incident("incident_events"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_events")),
    )
    op.create_index(op.f("ix_incident_events_incident_id"), "incident_events", ["incident_id"])


def _make_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("incident_id", ROW_ID),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subjects", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=25), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("claimed_until", TIME),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_problem", sa.Text()),
        sa.Column("delivered_at", TIME),
        _of_a_server("deliveries"),
        _of_an_incident("deliveries"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("nonce", name=op.f("uq_deliveries_nonce")),
    )
    op.create_index(op.f("ix_deliveries_incident_id"), "deliveries", ["incident_id"])
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["server_id", "due_at"],
        sqlite_where=sa.text("delivered_at IS NULL"),
        postgresql_where=sa.text("delivered_at IS NULL"),
    )


def _of_a_server(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_server_id_servers")
    return sa.ForeignKeyConstraint(["server_id"], ["servers.server_id"], name=name, ondelete="CASCADE")


def _of_an_incident(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_incident_id_incidents")
    return sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=name, ondelete="CASCADE")
