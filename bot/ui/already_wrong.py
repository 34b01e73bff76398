"""What was wrong before alerts were set up, in words."""

from collections.abc import Mapping, Sequence

from bot.domain.account import AccountQuota
from bot.domain.alert_types import AlertType
from bot.domain.capacity import Capacity
from bot.domain.modes import Mode
from bot.ui import formatting, texts
from bot.ui.conditions import kind_words
from bot.ui.formatting import Names

_MOST_TOKENS = 10


def already_wrong_lines(
    tokens: Sequence[tuple[int, Mode]], conditions: Mapping[AlertType, Capacity | AccountQuota], names: Names
) -> list[str]:
    """Return what is wrong without an alert: conditions of the whole fleet and the account, and tokens."""
    lines = [
        texts.alert_setup.ALREADY_WRONG_CONDITION.format(what=kind_words(kind, figures))
        for kind, figures in conditions.items()
    ]
    lines += [
        texts.alert_setup.ALREADY_WRONG_TOKEN.format(
            sign=texts.common.SIGNS[mode],
            token=formatting.token_or(texts.common.ONE_TOKEN, token_id, names),
            mode=mode.value,
        )
        for token_id, mode in tokens[:_MOST_TOKENS]
    ]
    if len(tokens) > _MOST_TOKENS:
        lines.append(texts.common.MORE.format(number=len(tokens) - _MOST_TOKENS))
    return [texts.alert_setup.ALREADY_WRONG, *lines]
