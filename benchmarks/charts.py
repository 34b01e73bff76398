"""Measure charts of 30 days: the first, the next ones, and their cost in the bot's own process.

One point every half hour, about one per pixel of the line. Run it on an idle machine.
"""

import asyncio
import gc
import importlib
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psutil

from bot.app.client import COGS
from bot.charts.service import Charts
from bot.charts.spec import Band, ForecastLine, Point, TokenChart
from bot.domain.fast_time import Unit
from bot.domain.modes import Mode
from bot.ui.chart_appearance import token_appearance

_NOW = datetime(2026, 3, 5, 15, 20, tzinfo=UTC)
_DAYS = 30
_EVERY = timedelta(minutes=30)
_TICK_SECONDS = 0.001
_WARM = 20
_MANY = 100
_MEGABYTE = 1024 * 1024


def chart(number: int) -> TokenChart:
    """Return a token's chart; each number gives a different one."""
    since = _NOW - timedelta(days=_DAYS)
    total = timedelta(hours=30)
    times = [since + index * _EVERY for index in range((_NOW - since) // _EVERY + 1)]
    points = tuple(Point(at, timedelta(hours=(_NOW - at) / (_NOW - since) * 29 + number / 1000), total) for at in times)
    bands = tuple(
        Band(mode, since + day * timedelta(days=5), since + (day + 1) * timedelta(days=5))
        for day, mode in enumerate((Mode.FAST, Mode.RELAX, Mode.FAST, Mode.VERIFYING, Mode.BANNED, Mode.FAST))
    )
    forecast = ForecastLine(
        _NOW, points[-1].left or total, _NOW + timedelta(days=9), _NOW + timedelta(days=5), _NOW + timedelta(days=12)
    )
    refills = (_NOW - timedelta(days=18),)
    return TokenChart(
        number, since, _NOW, Unit.HOURS, token_appearance(number, Unit.HOURS), points, bands, refills, forecast=forecast
    )


@dataclass(slots=True)
class Ticker:
    """Records the longest time for which the event loop was blocked."""

    longest: float = 0.0

    async def run(self) -> None:
        """Tick until cancelled."""
        last = time.perf_counter()
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now = time.perf_counter()
            self.longest = max(self.longest, now - last - _TICK_SECONDS)
            last = now


async def timed(charts: Charts, one: TokenChart) -> tuple[float, float]:
    """Draw a chart. Return its milliseconds, and for how many of them the event loop was blocked at most."""
    ticker = Ticker()
    ticking = asyncio.create_task(ticker.run())
    await asyncio.sleep(0)
    began = time.perf_counter()
    await charts.draw(one)
    taken = time.perf_counter() - began
    # A block at the very end is recorded by the next tick.
    await asyncio.sleep(2 * _TICK_SECONDS)
    ticking.cancel()
    return taken * 1000, ticker.longest * 1000


def resident(pid: int | None = None) -> float:
    """Return the resident memory of a process (by default this one) in megabytes."""
    return float(psutil.Process(pid).memory_info().rss) / _MEGABYTE


async def main() -> None:
    """Measure, and print a table."""
    for name in ("bot.__main__", *COGS):
        importlib.import_module(name)
    gc.freeze()
    async with Charts() as charts:
        before = resident()
        cold, cold_block = await timed(charts, chart(0))
        after_one, drawing_one = resident(), resident(charts.process_id)
        warm = [await timed(charts, chart(number)) for number in range(1, _WARM + 1)]
        for number in range(_WARM + 1, _MANY):
            await charts.draw(chart(number))
        after_many, drawing_many = resident(), resident(charts.process_id)
    taken = [taken for taken, _ in warm]
    block = max(block for _, block in warm)
    print(f"| a chart of {_DAYS} days, {len(chart(0).points):,} points | measured | aim |")
    print("| --- | ---: | ---: |")
    print(f"| the first, with the start of the drawing process | {cold:,.0f} ms | 4,000 ms |")
    print(f"| the next {_WARM}, median and slowest | {statistics.median(taken):,.0f}, {max(taken):,.0f} ms | 300 ms |")
    print(f"| longest block of the event loop: the first, the next | {cold_block:.1f}, {block:.1f} ms | 20 ms |")
    print(f"| the bot's memory: before, after 1 | {before:.1f}, {after_one:.1f} MB | |")
    print(f"| the bot's memory after {_MANY} | {after_many:.1f} MB ({after_many - before:+.1f}) | +2 MB |")
    print(f"| the drawing process's memory after 1, after {_MANY} | {drawing_one:.1f}, {drawing_many:.1f} MB | |")


if __name__ == "__main__":
    asyncio.run(main())
