"""The alert that nothing can be recorded."""

import pytest

from bot.storage.unavailable import Cause
from bot.ui import texts
from bot.ui.database_outage import OutageView, outage_message
from tests.clocks import NOON


@pytest.mark.parametrize("cause", list(Cause))
def test_an_alert_promises_only_what_is_certain(cause: Cause) -> None:
    """Of a file that was deleted, or a database that was dropped, nothing may be left."""
    embed = outage_message(OutageView(cause, NOON), None).embed
    may_be_lost = {Cause.DAMAGED, Cause.FILE_REPLACED, Cause.ACCESS_DENIED, Cause.FAILED}

    assert embed is not None
    assert embed.description is not None
    assert (texts.database.NOT_LOST in embed.description) == (cause not in may_be_lost)


def test_the_answer_to_a_command_is_true_of_every_cause() -> None:
    words = texts.errors.DATABASE_UNAVAILABLE

    assert [wrong for wrong in ("reached", "lost") if wrong in words] == []


def test_nobody_is_told_to_begin_with_a_new_database_after_the_file_was_deleted() -> None:
    assert "If it was deleted, stop the bot and restore a backup." in texts.database.WHAT_TO_DO[Cause.FILE_REPLACED]
