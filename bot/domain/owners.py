"""Owners of tokens: whose turn it is when only the owner of a linked account can act."""

from collections.abc import Iterable, Mapping

from bot.domain.alert_types import AlertType
from bot.domain.incidents import AffectedToken

Owners = Mapping[int, int]
"""The member of a server who owns each token, by token id."""
OWNER_MUST_ACT = frozenset({AlertType.VERIFYING, AlertType.BANNED})
"""The alert types that only the owner of the linked account can do something about."""
_MOST = 10


def owners_who_must_act(members: Iterable[AffectedToken], owners: Owners) -> tuple[int, ...]:
    """Return the owners of the tokens that only they can bring back, each once, up to ten."""
    theirs = [owners[one.token_id] for one in members if one.kind in OWNER_MUST_ACT and one.token_id in owners]
    return tuple(dict.fromkeys(theirs))[:_MOST]
