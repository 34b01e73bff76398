"""Errors that mean "the database serves nobody now", with their cause. All other errors are faults of a query."""

import errno
from enum import StrEnum

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class Cause(StrEnum):
    """Why the database cannot be used."""

    UNREACHABLE = "unreachable"
    """No connection, or the server has closed it."""
    NO_RESPONSE = "no_response"
    READ_ONLY = "read_only"
    FULL = "full"
    BUSY = "busy"
    """Another transaction or program holds what this one needs."""
    TOO_MANY_CONNECTIONS = "too_many_connections"
    ACCESS_DENIED = "access_denied"
    DAMAGED = "damaged"
    FAILED = "failed"
    """The server or the disk reports an error of its own."""
    INTERNAL = "internal"
    """An error of Fastwatch itself, which its log explains."""
    FILE_REPLACED = "file_replaced"
    """The SQLite file was deleted, moved or replaced while it was open."""


class DatabaseUnavailable(Exception):
    """The database cannot be used now. A retry may succeed."""

    def __init__(self, cause: Cause, detail: str) -> None:
        super().__init__(f"{cause}: {detail}")
        self.cause = cause
        self.detail = detail


class DatabaseUnusable(Exception):
    """The database cannot be used at the start. The message is one sentence with what to do, without the password."""


# PostgreSQL's documentation, appendix A. A code of five characters takes precedence over its class, the first two.
_SQLSTATES = {
    "08": Cause.UNREACHABLE,
    "57P01": Cause.UNREACHABLE,  # shutdown, also of a failover
    "57P02": Cause.UNREACHABLE,
    "57P03": Cause.UNREACHABLE,  # the server is starting up
    "57P05": Cause.UNREACHABLE,
    "25P03": Cause.UNREACHABLE,  # the server has closed a session that was idle in a transaction
    "25P04": Cause.NO_RESPONSE,
    "57014": Cause.NO_RESPONSE,  # statement_timeout
    "25006": Cause.READ_ONLY,
    "53": Cause.FAILED,
    "53100": Cause.FULL,
    "53300": Cause.TOO_MANY_CONNECTIONS,
    "55P03": Cause.BUSY,
    "40001": Cause.BUSY,
    "40P01": Cause.BUSY,
    "28": Cause.ACCESS_DENIED,
    "3D000": Cause.ACCESS_DENIED,
    "42501": Cause.ACCESS_DENIED,
    "58": Cause.FAILED,
    "XX001": Cause.DAMAGED,
    "XX002": Cause.DAMAGED,
}
# SQLite's documentation, "Result and Error Codes". The lowest byte of an extended code is the primary code.
_SQLITE_CODES = {
    3: Cause.ACCESS_DENIED,
    5: Cause.BUSY,
    6: Cause.BUSY,
    7: Cause.FAILED,
    8: Cause.READ_ONLY,
    10: Cause.FAILED,
    11: Cause.DAMAGED,
    13: Cause.FULL,
    14: Cause.UNREACHABLE,
    26: Cause.DAMAGED,
}
_WHAT_TO_DO = {
    Cause.READ_ONLY: "make it writable, or name the primary server in DATABASE_URL.",
    Cause.FULL: "free some space on its disk.",
    Cause.BUSY: "stop the other program that uses it.",
    Cause.TOO_MANY_CONNECTIONS: "allow more connections, or stop other programs that use it.",
    Cause.DAMAGED: "it is damaged, or no database. Check DATABASE_URL, and restore a backup if it is damaged.",
}
# A TimeoutError has no text.
_WITHOUT_WORDS = {Cause.NO_RESPONSE: "no response in time"}
# A connection with one of these is no longer of use, or may not be: the next transaction opens a new one.
_CLOSES_CONNECTION = frozenset({Cause.UNREACHABLE, Cause.NO_RESPONSE, Cause.READ_ONLY, Cause.FAILED})


def cause_of(error: BaseException | None) -> Cause | None:
    """Return why the database cannot be used; None for an error of the query itself."""
    match error:
        case PoolTimeout() | TimeoutError():
            return Cause.NO_RESPONSE
        case DBAPIError() if error.connection_invalidated:
            return _of_driver(error.orig) or Cause.UNREACHABLE
        case DBAPIError():
            return _of_driver(error.orig)
        case OSError(errno=errno.ENOSPC):
            return Cause.FULL
        case OSError():
            return Cause.UNREACHABLE
    return _of_driver(error)


def _of_driver(error: BaseException | None) -> Cause | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE_CODES.get(code & 0xFF)
    state = getattr(error, "sqlstate", None) or ""
    return _SQLSTATES.get(state) or _SQLSTATES.get(state[:2])


def closes_connection(error: BaseException) -> bool:
    """Whether the connections of the pool must be replaced after this error of the driver."""
    return cause_of(error) in _CLOSES_CONNECTION


def as_unavailable(error: SQLAlchemyError | OSError) -> DatabaseUnavailable | None:
    """Return the error that callers handle; None for an error of the query itself."""
    cause = cause_of(error)
    if cause is None:
        return None
    origin: BaseException = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    # SQLAlchemy's error quotes the class of asyncpg's, which is its cause.
    origin = origin.__cause__ or origin
    return DatabaseUnavailable(cause, str(origin) or _WITHOUT_WORDS.get(cause, type(origin).__name__))


def unusable_because(cause: Cause | None, detail: str) -> DatabaseUnusable:
    """Return the error that ends the start, with what to do."""
    what_to_do = _WHAT_TO_DO.get(cause, "check DATABASE_URL.") if cause is not None else "check DATABASE_URL."
    return DatabaseUnusable(f"The database cannot be opened ({detail}); {what_to_do}")
