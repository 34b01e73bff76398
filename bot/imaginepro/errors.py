"""What can go wrong with ImaginePro, named by what one can do about it."""

from datetime import datetime


class ImagineProError(Exception):
    """No usable answer. `detail` is for the log and for mods: no secret in it, but maybe ImaginePro's words."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class MessageNotFound(ImagineProError):
    """There is no such message: check the id."""


class NoTokenYet(ImagineProError):
    """The message has no token yet: try again when it has run."""


class Unauthorized(ImagineProError):
    """The key was refused, or the account has no credits left: ImaginePro answers both with 401."""


class NotInPlan(ImagineProError):
    """The account's plan does not include this call."""


class BadRequest(ImagineProError):
    """ImaginePro did not accept the request itself: asking again will not help."""


class RateLimited(ImagineProError):
    """ImaginePro wants to be left alone until `until`."""

    def __init__(self, detail: str, retry_at: datetime) -> None:
        super().__init__(detail)
        self.retry_at = retry_at


class Unreachable(ImagineProError):
    """No answer in time, or one that says the fault is theirs: it may pass by itself."""


class InvalidResponse(ImagineProError):
    """An answer that is not what the documentation promises."""
