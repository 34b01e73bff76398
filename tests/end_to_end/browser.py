"""Chromium, driven from outside: the system's own where there is one, else the one that Playwright brought along."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Playwright, async_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# It works without them as well, but then looks for updates, and for things to do, on the network.
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


class NoChromium(Exception):
    """There is neither a Chromium of the system nor one of Playwright."""


def is_required() -> bool:
    """Tell whether a test that finds no Chromium fails; else it is skipped."""
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
