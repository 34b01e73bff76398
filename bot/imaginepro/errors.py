"""Errors of ImaginePro, one class for each way to react."""

from datetime import datetime


class ImagineProError(Exception):
    """No usable response. `detail` is for the log and for mods: it holds no secret, but may quote ImaginePro."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class MessageNotFound(ImagineProError):
    """There is no message with this id."""


class NoTokenYet(ImagineProError):
    """The message has no token yet; retry when it has run."""


class Unauthorized(ImagineProError):
    """The key is not valid, or the account has no credits left: ImaginePro returns 401 for both."""


class NotInPlan(ImagineProError):
    """The account's plan does not include this call."""


class BadRequest(ImagineProError):
    """ImaginePro rejected the request itself; a retry will not help."""


class RateLimited(ImagineProError):
    """ImaginePro accepts no requests before `retry_at`."""

    def __init__(self, detail: str, retry_at: datetime) -> None:
        super().__init__(detail)
        self.retry_at = retry_at


class Unreachable(ImagineProError):
    """There was no response in time, or a server error; it may be temporary."""


class InvalidResponse(ImagineProError):
    """The response is not as documented."""
