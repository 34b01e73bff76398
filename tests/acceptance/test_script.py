"""The script itself: missing, late and unexpected messages fail."""

import pytest

from bot.ui import texts
from tests.acceptance.script import Expectation, Script, between, words

ANYTHING = words("{title}")
CARD = between("6m", "6m 10s").post(ANYTHING)
WORSE = between("10m 30s", "11m 30s")


@pytest.mark.parametrize(
    ("expected", "complaint"),
    [
        ([CARD, WORSE.edit(ANYTHING)], "Not expected:\n0:11:08 reply that pings"),
        ([CARD, WORSE.reply(ANYTHING, pings=True)], "Not expected:\n0:11:08 edit"),
        ([CARD, WORSE.edit(ANYTHING), WORSE.reply(ANYTHING)], "Not expected:\n0:11:08 reply that pings"),
        ([WORSE.edit(ANYTHING), WORSE.reply(ANYTHING, pings=True)], "Not expected:\n0:06:08 post that pings"),
        (
            [between("6m", "6m 7s").post(ANYTHING), WORSE.edit(ANYTHING), WORSE.reply(ANYTHING, pings=True)],
            "Not expected:\n0:06:08 post that pings",
        ),
        (
            [CARD, WORSE.edit(words(texts.incidents.TITLE_OVER_NO_DATA)), WORSE.reply(ANYTHING, pings=True)],
            "Not expected:\n0:11:08 edit",
        ),
        (
            [CARD, WORSE.edit(ANYTHING), WORSE.reply(ANYTHING, pings=True), between("12m", "20m").edit(ANYTHING)],
            "Missing:\n0:12:00 to 0:20:00 edit",
        ),
    ],
    ids=["surplus reply", "surplus edit", "surplus ping", "surplus card", "late", "another title", "missing"],
)
@pytest.mark.slow
async def test_missing_late_or_unexpected_messages_fail(
    script: Script, expected: list[Expectation], complaint: str
) -> None:
    script.says("5m 30s", {111: "RELAX"})
    script.says("10m 30s", {111: "BANNED"})

    with pytest.raises(AssertionError) as failure:
        await script.shows(*expected, until="20m")
    complaints = "\n".join(line.split(" in ")[0] for line in str(failure.value).splitlines())
    assert complaint in complaints
