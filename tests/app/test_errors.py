"""What people read about an error."""

import pytest

from bot.app.checks import NotModerator
from bot.app.errors import user_message
from tests.clocks import NOON


@pytest.mark.parametrize(
    ("role_id", "said"),
    [
        (
            None,
            "Only members with the Manage Server permission can do this. "
            "They can let a role do it with `/alerts moderators`.",
        ),
        (5, "Only members with the Manage Server permission or the role <@&5> can do this."),
    ],
)
def test_who_is_no_moderator_reads_who_is_one(role_id: int | None, said: str) -> None:
    assert user_message(NotModerator(role_id), to_mod=False, now=NOON) == said
