"""ImaginePro accounts: there is one now, and a server may bring its own later."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import BigInteger, and_, bindparam, case, column, false, literal, select, update
from sqlalchemy import values as values_of
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.account import AccountQuota
from bot.domain.outages import Outage
from bot.domain.wrong_clock import is_from_the_future
from bot.storage.account_revisions import account_changed, revision_of
from bot.storage.columns import UtcDateTime
from bot.storage.parts import parts_of
from bot.storage.schema import accounts, tokens
from bot.storage.upsert import insert_if_new


@dataclass(frozen=True, slots=True)
class Account:
    """The monitoring state of an account.

    `lists_fleet`: its key has listed the fleet; None until that is known. `outage` is None after a successful check.
    """

    id: int
    lists_fleet: bool | None
    last_success_at: datetime | None
    last_error: str | None
    outage: Outage | None = None
    never_read: tuple[int, ...] | None = None
    """The tokens that ImaginePro names without ever a status, so that nothing is known of them."""
    quota: AccountQuota | None = None
    """The latest credits and expiry; None before the first."""
    revision: int = field(default=0, compare=False)
    """How often what the checks read of it has changed (`account_revisions`)."""

    @property
    def checked_at(self) -> datetime | None:
        """When the latest check ended; None before the first."""
        return self.outage.checked_at if self.outage is not None else self.last_success_at


_COLUMNS = (
    accounts.c.id,
    accounts.c.lists_fleet,
    accounts.c.last_success_at,
    accounts.c.last_error,
    accounts.c.outage,
    accounts.c.never_read,
    accounts.c.quota,
)


_ACCOUNT = select(*_COLUMNS, revision_of(bindparam("its_account"))).where(accounts.c.id == bindparam("its_account"))
_is_listed = select(accounts.c.id).where(accounts.c.id == bindparam("its_account"), accounts.c.lists_fleet)
_has_listed = select(tokens.c.token_id).where(tokens.c.account_id == bindparam("its_account"), tokens.c.in_fleet)
_WAS_LISTED = select(_is_listed.exists() | _has_listed.exists())
_SUCCEEDED = (
    update(accounts)
    .where(accounts.c.id == bindparam("its_account"))
    .values(
        last_success_at=bindparam("last_success_at"),
        lists_fleet=bindparam("lists_fleet"),
        never_read=bindparam("never_read"),
        last_error=None,
        outage=None,
    )
)


async def ensure_account(connection: AsyncConnection, name: str, now: datetime) -> int:
    """Return the id of the account with this name, which is created if it does not exist."""
    await insert_if_new(connection, accounts, {"name": name, "created_at": now}, unique="name")
    return int((await connection.execute(select(accounts.c.id).where(accounts.c.name == name))).scalar_one())


async def created_at(connection: AsyncConnection, account_id: int) -> datetime:
    """Return when an account was created, which is when its database was."""
    at: datetime = (
        await connection.execute(select(accounts.c.created_at).where(accounts.c.id == account_id))
    ).scalar_one()
    return at


async def get_account(connection: AsyncConnection, account_id: int, now: datetime) -> Account:
    """Return the monitoring state of an account.

    It is without a last success that a clock recorded while it was ahead: nothing is known of that time.
    """
    account = Account(*(await connection.execute(_ACCOUNT, {"its_account": account_id})).one())
    if account.last_success_at is not None and is_from_the_future(account.last_success_at, now):
        return replace(account, last_success_at=None)
    return account


async def record_success(
    connection: AsyncConnection, account_id: int, now: datetime, *, lists_fleet: bool, never_read: Sequence[int] = ()
) -> None:
    """Record a successful round."""
    values = {"its_account": account_id, "last_success_at": now, "lists_fleet": lists_fleet}
    await connection.execute(_SUCCEEDED, values | {"never_read": tuple(never_read) or None})


@dataclass(frozen=True, slots=True)
class UnchangedCheck:
    """A check of an account that found nothing new, since the last check that was recorded in full."""

    account_id: int
    revision: int
    recorded_at: datetime
    """The recorded time of the last success."""
    checked_at: datetime


_checks = values_of(
    column("account_id", BigInteger),
    column("revision", BigInteger),
    column("recorded_at", UtcDateTime),
    column("checked_at", UtcDateTime),
    name="checks",
)


async def record_unchanged(connection: AsyncConnection, checks: Sequence[UnchangedCheck]) -> frozenset[int]:
    """Record successful checks that found nothing new, hundreds in one statement; return the accounts where that is so.

    It is not so where another process has checked the account or a restored backup has come back, where what the
    checks read has changed, or where another transaction writes the account.
    """
    return frozenset().union(*[await _record_unchanged(connection, part) for part in parts_of(checks)])


async def _record_unchanged(connection: AsyncConnection, checks: Sequence[UnchangedCheck]) -> frozenset[int]:
    rows = [(one.account_id, one.revision, one.recorded_at, one.checked_at) for one in checks]
    found = _checks.data(rows).cte("checks")
    # Without what a slow round has locked: this would wait for it, and keep the rounds of all other accounts waiting.
    free = select(accounts.c.id).join(found, found.c.account_id == accounts.c.id)
    free = free.with_for_update(of=accounts, key_share=True, skip_locked=True)
    query = (
        update(accounts)
        .where(
            accounts.c.id == found.c.account_id,
            accounts.c.id.in_(free),
            accounts.c.last_success_at == found.c.recorded_at,
            accounts.c.outage.is_(None),
            revision_of(accounts.c.id) == found.c.revision,
        )
        .values(last_success_at=found.c.checked_at)
        .returning(accounts.c.id)
    )
    return frozenset(await connection.scalars(query))


async def record_failure(connection: AsyncConnection, account_id: int, outage: Outage, error: str) -> None:
    """Record a failed round: the outage that it begins or continues, and what exactly was wrong.

    A last success in the future is from a clock that was ahead, and would look fresh for as long. It was before now.
    """
    success_at, now = accounts.c.last_success_at, outage.checked_at
    values = {
        "outage": outage,
        "last_error": error or None,
        "last_success_at": case((success_at > now, literal(now, UtcDateTime)), else_=success_at),
    }
    await connection.execute(update(accounts).where(accounts.c.id == account_id).values(values))


async def fleet_was_listed(connection: AsyncConnection, account_id: int) -> bool:
    """Whether ImaginePro has ever listed the fleet of this account."""
    return bool(await connection.scalar(_WAS_LISTED, {"its_account": account_id}))


async def is_listed(connection: AsyncConnection, account_id: int, token_id: int) -> bool:
    """Whether the fleet's list has this token, so that every check reads it."""
    query = select(tokens.c.token_id).join(accounts, accounts.c.id == tokens.c.account_id)
    query = query.where(accounts.c.id == account_id, accounts.c.lists_fleet, tokens.c.in_fleet)
    return await connection.scalar(query.where(tokens.c.token_id == token_id)) is not None


async def record_fleet_refused(connection: AsyncConnection, account_id: int) -> None:
    """Record that the key may not list its fleet, and never could as far as is known.

    Each check of such a key does so, so nothing is written that is already recorded.
    """
    is_news = and_(accounts.c.id == account_id, accounts.c.lists_fleet.is_distinct_from(false()))
    await connection.execute(update(accounts).where(is_news).values(lists_fleet=False))
    was_listed = and_(tokens.c.account_id == account_id, tokens.c.in_fleet)
    await connection.execute(update(tokens).where(was_listed).values(in_fleet=False))


async def get_quota(connection: AsyncConnection, account_id: int) -> AccountQuota | None:
    """Return the latest credits and expiry from ImaginePro; None before the first."""
    quota: AccountQuota | None = await connection.scalar(select(accounts.c.quota).where(accounts.c.id == account_id))
    return quota


async def save_quota(connection: AsyncConnection, account_id: int, quota: AccountQuota) -> None:
    """Save the credits and expiry, replacing the previous ones."""
    account_changed(connection, account_id)
    await connection.execute(update(accounts).where(accounts.c.id == account_id).values(quota=quota))
