"""Chromium, driven from outside: the system's if there is one, else Playwright's."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Playwright, async_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# It works without them too, but then checks the network for updates and other tasks.
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


class NoChromium(Exception):
    """There is neither a system Chromium nor one of Playwright."""


def is_required() -> bool:
    """Whether a test without Chromium fails; otherwise it is skipped."""
    return os.environ.get("FASTWATCH_BROWSER_TEST") == "required"


def _find(playwright: Playwright) -> str:
    of_the_system = next(filter(None, map(shutil.which, _NAMES)), None)
    path = of_the_system or playwright.chromium.executable_path
    if not Path(path).exists():
        raise NoChromium("install Chromium, or run: playwright install chromium")
    return path


@asynccontextmanager
async def open_chromium() -> AsyncIterator[Browser]:
    """Start Chromium, without a window. Raises NoChromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_find(playwright), args=_QUIET)
        try:
            yield browser
        finally:
            await browser.close()
