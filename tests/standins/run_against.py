"""Run the real bot against the Discord stand-in: python -m tests.standins.run_against API_URL GATEWAY_URL -- run."""

from __future__ import annotations

import runpy
import sys

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

_USAGE = "usage: python -m tests.standins.run_against API_URL GATEWAY_URL -- ARGUMENTS..."


def point_at(api_url: str, gateway_url: str) -> None:
    """Point discord.py at a stand-in. Its webhook and interaction routes use Route.BASE too, text frames are accepted
    whatever compression was requested, and /gateway/bot and READY name the gateway themselves: DEFAULT_GATEWAY is what
    a fresh IDENTIFY after a lost session uses.
    """
    Route.BASE = api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


def main(arguments: list[str]) -> None:
    """Take the two URLs from the command line, and run `python -m bot` with the rest."""
    match arguments:
        case [api_url, gateway_url, "--", *rest]:
            point_at(api_url, gateway_url)
            sys.argv = ["bot", *rest]
            runpy.run_module("bot", run_name="__main__", alter_sys=True)
        case _:
            sys.exit(_USAGE)


if __name__ == "__main__":
    main(sys.argv[1:])
