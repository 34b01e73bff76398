"""`python -m bot demo` with invalid arguments and without a browser."""

import webbrowser

import pytest

from bot.__main__ import main
from bot.demo.command import demo, open_browser
from bot.demo.scenarios import SCENARIOS


def test_an_unknown_scenario_is_one_sentence_that_lists_them() -> None:
    with pytest.raises(SystemExit, match=r"^--scenario must be one of: day, alerts, fleet, team\.$"):
        main(["demo", "--scenario", "night", "--port", "0", "--no-browser"])


def test_the_help_names_every_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["demo", "--help"])
    said = capsys.readouterr().out

    assert [name for name in SCENARIOS if name not in said] == []


@pytest.mark.parametrize("speed", [0, -60, 3601, float("nan"), float("inf")])
async def test_an_invalid_speed_is_one_sentence(speed: float) -> None:
    with pytest.raises(SystemExit, match=r"^--speed must be more than 0 and at most 3600\.$"):
        await demo(scenario="day", speed=speed, port=0, opens_browser=False)


@pytest.mark.parametrize("port", [-1, 65536])
async def test_an_invalid_port_is_one_sentence(port: int) -> None:
    with pytest.raises(SystemExit, match=r"^--port must be a number from 0 to 65535\.$"):
        await demo(scenario="day", speed=60, port=port, opens_browser=False)


class Window(webbrowser.BackgroundBrowser):
    """A browser with a window, which records what it should open."""

    def __init__(self) -> None:
        super().__init__("made-up-browser")
        self.opened: list[str] = []

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        self.opened.append(url)
        return True


def test_the_page_opens_in_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    window = Window()
    monkeypatch.setattr(webbrowser, "get", lambda: window)

    assert open_browser("http://127.0.0.1:1/#made-up")
    assert window.opened == ["http://127.0.0.1:1/#made-up"]


def test_a_terminal_browser_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser("made-up-browser"))

    assert not open_browser("http://127.0.0.1:1/#made-up")


def test_a_missing_browser_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> webbrowser.BaseBrowser:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none)

    assert not open_browser("http://127.0.0.1:1/#made-up")
