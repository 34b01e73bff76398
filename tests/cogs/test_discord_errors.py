"""When Discord does not accept an answer: one line in the log, and one sentence if anybody can read it."""

import pytest

from tests.cogs.driving import Team
from tests.cogs.server import Server

ANSWERS, FIRST_ANSWER = "/webhooks/*", "/interactions/*/callback"
AUTOMOD = "This server's AutoMod blocks my answer. A moderator can allow its words in the server's AutoMod settings."
FAILED = "Discord did not accept the answer. Try again in a minute."


def logged(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines of the log so far that are warnings or worse, and those of tracebacks."""
    captured = capsys.readouterr()
    lines = (captured.out + captured.err).splitlines()
    return [line for line in lines if "[warning" in line or "[error" in line or "Traceback" in line]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", FIRST_ANSWER, 404, 10062),
        ("PATCH", ANSWERS, 401, 50027),
        ("PATCH", ANSWERS, 404, 10015),
    ],
)
async def test_an_interaction_that_is_over_is_one_line_in_the_log(
    server: Server, capsys: pytest.CaptureFixture[str], method: str, path: str, status: int, code: int
) -> None:
    server.env.inject_error(method, path, status=status, code=code, times=None)
    await server.mod.slash(server.talk, "status")

    assert server.env.errors
    (line,) = logged(capsys)
    assert "An interaction was over before it was answered." in line
    assert f"error code: {code}" in line


async def test_a_press_that_is_over_is_one_line_in_the_log(team: Team, capsys: pytest.CaptureFixture[str]) -> None:
    alert = await team.out()
    capsys.readouterr()
    team.server.env.inject_error("POST", FIRST_ANSWER, status=404, code=10062)
    await team.press(alert, "Acknowledge")

    (line,) = logged(capsys)
    assert "An interaction was over before it was answered." in line


@pytest.mark.parametrize(("status", "code", "sentence"), [(400, 200000, AUTOMOD), (404, 10008, FAILED)])
async def test_a_refused_answer_is_one_line_and_one_sentence(
    server: Server, capsys: pytest.CaptureFixture[str], status: int, code: int, sentence: str
) -> None:
    server.env.inject_error("PATCH", ANSWERS, status=status, code=code, times=1)
    result = await server.mod.slash(server.talk, "status")

    assert server.env.errors
    assert [followup.content for followup in result.followups] == [sentence]
    (line,) = logged(capsys)
    assert "Discord did not accept an answer." in line


async def test_a_completion_that_is_too_late_is_not_logged(
    server: Server, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    server.env.inject_error("POST", FIRST_ANSWER, status=404, code=10062)
    await server.mod.autocomplete(server.talk, "alerts mute", "token", "1")

    assert logged(capsys) == []
    assert caplog.records == []
