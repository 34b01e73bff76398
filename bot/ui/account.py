"""The ImaginePro account in words: credits, and the end of its plan."""

from datetime import datetime, timedelta

from bot.domain.account import PLAN_ENDS_WITHIN, AccountQuota
from bot.ui import formatting, texts

_OLD_AFTER = timedelta(hours=2)


def account_words(quota: AccountQuota | None, now: datetime) -> str:
    """Return a line for each value, with their age where they are old; empty where there are none."""
    if quota is None:
        return ""
    lines = [line for line in (credits_words(quota), _end(quota, now)) if line]
    if lines and now - quota.asked_at > _OLD_AFTER:
        lines.append(texts.account.AS_OF.format(ago=formatting.at(quota.asked_at, "R")))
    return "\n".join(lines)


def credits_words(account: AccountQuota) -> str:
    """Return the credits that are left, as far as ImaginePro says; empty if it does not."""
    credits_, quota, extra = account.credits, account.credits_quota, account.credits_extra
    parts = []
    if credits_ is not None:
        words = texts.account.CREDITS_OF if quota is not None else texts.account.CREDITS
        parts.append(words.format(credits=credits_, quota=quota))
    elif quota is not None:
        parts.append(texts.account.QUOTA.format(quota=quota))
    if extra:
        words = texts.account.EXTRA if parts else texts.account.EXTRA_ALONE
        parts.append(words.format(extra=extra))
    return ", ".join(parts)


def _end(quota: AccountQuota, now: datetime) -> str:
    ends_at = quota.expires_at
    if ends_at is None:
        return ""
    words = texts.account.ENDS if ends_at > now else texts.account.ENDED
    said = words.format(when=formatting.at(ends_at, "D"), ago=formatting.at(ends_at, "R"))
    return texts.account.WARNING.format(words=said) if ends_at - now <= PLAN_ENDS_WITHIN else said
