"""Measures how late the event loop wakes up timers: whatever blocks it delays answers to people."""

import asyncio

from bot.metrics import EVENT_LOOP_LAG

_EVERY_SECONDS = 0.5


async def measure_event_loop() -> None:
    """Measure until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        asked_at = loop.time() + _EVERY_SECONDS
        await asyncio.sleep(_EVERY_SECONDS)
        EVENT_LOOP_LAG.observe(max(loop.time() - asked_at, 0))
