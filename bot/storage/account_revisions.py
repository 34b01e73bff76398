"""Revisions of accounts: the number of changes to what the checks of an account read, besides ImaginePro's answers.

A process keeps in memory what it has checked. It notices by the revision that another process, or a person's command,
has changed rules, routes, mutes, watches, incidents or states since. Storage functions that write these mark the server
or the account, and each transaction counts its marks at its end: the row is locked last, so that no two transactions
wait for each other.
"""

from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, bindparam, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.schema import account_revisions, accounts, alert_routes
from bot.storage.upsert import insert_into

_MARKS = "fastwatch_changes"  # a key of SQLAlchemy's `Connection.info`


_of_servers = select(alert_routes.c.account_id).where(
    alert_routes.c.server_id.in_(bindparam("its_servers", expanding=True))
)
_CHANGED = select(accounts.c.id, literal(1)).where(
    accounts.c.id.in_(bindparam("its_accounts", expanding=True)) | accounts.c.id.in_(_of_servers)
)


@dataclass(slots=True)
class _Marks:
    servers: set[int] = field(default_factory=set)
    accounts: set[int] = field(default_factory=set)


def server_changed(connection: AsyncConnection, server_id: int) -> None:
    """Mark that a transaction changes what the checks read of a server."""
    _marks(connection).servers.add(server_id)


def account_changed(connection: AsyncConnection, account_id: int) -> None:
    """Mark that a transaction changes what the checks read of an account."""
    _marks(connection).accounts.add(account_id)


def forget_marks(connection: AsyncConnection) -> None:
    """Forget the marks of a transaction before, which was rolled back: `info` belongs to the pooled connection."""
    connection.info.pop(_MARKS, None)


def revision_of(account_id: ColumnElement[int]) -> ColumnElement[int]:
    """Return the revision of an account, for a statement."""
    its = select(account_revisions.c.revision).where(account_revisions.c.account_id == account_id)
    return func.coalesce(its.scalar_subquery(), 0)


async def count_changes(connection: AsyncConnection) -> frozenset[int]:
    """Count the marked changes, as the last statement of a transaction, and return the accounts they concern."""
    marks: _Marks | None = connection.info.pop(_MARKS, None)
    if marks is None:
        return frozenset()
    query = _CHANGED.params(its_servers=list(marks.servers), its_accounts=list(marks.accounts))
    statement = insert_into(connection, account_revisions).from_select(["account_id", "revision"], query)
    counted = statement.on_conflict_do_update(
        index_elements=["account_id"], set_={"revision": account_revisions.c.revision + 1}
    )
    return frozenset(await connection.scalars(counted.returning(account_revisions.c.account_id)))


def _marks(connection: AsyncConnection) -> _Marks:
    marks: _Marks = connection.info.setdefault(_MARKS, _Marks())
    return marks
