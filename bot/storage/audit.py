"""The audit log: who changed what on which server, when, and with what outcome."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.schema import audit


class Action(StrEnum):
    """The actions of members that are recorded. The values are stored."""

    ALERTS_SET_UP = "alerts_set_up"
    ALERTS_OFF = "alerts_off"
    ALERTS_TEST = "alerts_test"
    ALERTS_REPORTED = "alerts_reported"
    MODERATORS_SET = "moderators_set"
    RULES_SET = "rules_set"
    DIGEST_SET = "digest_set"
    TOKEN_ROUTED = "token_routed"
    TOKEN_UNROUTED = "token_unrouted"
    MUTED = "muted"
    UNMUTED = "unmuted"
    INCIDENT_ACKNOWLEDGED = "incident_acknowledged"
    INCIDENT_UNACKNOWLEDGED = "incident_unacknowledged"
    INCIDENT_ASSIGNED = "incident_assigned"
    INCIDENT_NOTED = "incident_noted"
    INCIDENT_THREAD = "incident_thread"
    INCIDENT_MUTED = "incident_muted"
    INCIDENT_UNMUTED = "incident_unmuted"
    INCIDENT_CLOSED = "incident_closed"
    WATCHED = "watched"
    UNWATCHED = "unwatched"
    TOKEN_ENABLED = "token_enabled"
    TOKEN_DISABLED = "token_disabled"
    TOKEN_NAMED = "token_named"
    TOKEN_UNNAMED = "token_unnamed"
    TOKEN_OWNER_SET = "token_owner_set"
    TOKEN_OWNER_REMOVED = "token_owner_removed"
    BOARD_POSTED = "board_posted"
    BOARD_REMOVED = "board_removed"


class Outcome(StrEnum):
    """The result of an action."""

    DONE = "done"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: a member's action on a target, which is the id of what the action is about."""

    server_id: int
    member_id: int
    action: Action
    target: str
    at: datetime
    outcome: Outcome = Outcome.DONE


_COLUMNS = (audit.c.server_id, audit.c.member_id, audit.c.action, audit.c.target, audit.c.at, audit.c.outcome)


async def record_entry(connection: AsyncConnection, entry: Entry) -> int:
    """Record an entry and return its id. Call it in the transaction of the action, or before the action."""
    row = {column.name: getattr(entry, column.name) for column in _COLUMNS}
    return int((await connection.execute(insert(audit).values(row).returning(audit.c.id))).scalar_one())


async def set_outcome(connection: AsyncConnection, entry_id: int, outcome: Outcome) -> None:
    """Set the outcome of an entry, once it is known."""
    await connection.execute(update(audit).where(audit.c.id == entry_id).values(outcome=outcome))


async def latest_entries(connection: AsyncConnection, server_id: int, *, most: int) -> list[Entry]:
    """Return a server's latest entries, up to `most`, latest first."""
    query = select(*_COLUMNS).where(audit.c.server_id == server_id).order_by(audit.c.at.desc(), audit.c.id.desc())
    return [_entry(*row) for row in await connection.execute(query.limit(most))]


@dataclass(frozen=True, slots=True)
class Disabling:
    """A member switched a token off from Discord."""

    token_id: int
    member_id: int
    at: datetime


async def disabling_members(connection: AsyncConnection, since: datetime) -> list[Disabling]:
    """Return who switched which tokens off from Discord since this time, the latest last."""
    query = (
        select(audit.c.target, audit.c.member_id, audit.c.at)
        .where(audit.c.action == Action.TOKEN_DISABLED, audit.c.at >= since)
        # An uncertain request may have reached ImaginePro, so it counts.
        .where(audit.c.outcome != Outcome.REFUSED)
        .order_by(audit.c.at, audit.c.id)
    )
    return [Disabling(int(row.target), row.member_id, row.at) for row in await connection.execute(query)]


async def delete_entries(connection: AsyncConnection, before: datetime) -> None:
    """Delete the entries from before this time."""
    await connection.execute(delete(audit).where(audit.c.at < before))


def _entry(server_id: int, member_id: int, action: str, target: str, at: datetime, outcome: str) -> Entry:
    return Entry(server_id, member_id, Action(action), target, at, Outcome(outcome))
