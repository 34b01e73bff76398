"""The latency of Discord's gateway, which `/status` and the metrics show."""

import threading
from types import SimpleNamespace
from typing import Any, cast

import discord.gateway

from bot.app.heartbeats import KeepAliveHandler, time_heartbeats_correctly
from tests.patience import GENEROUS

INTERVAL = 41.25


def test_an_acknowledgement_before_the_thread_goes_on_is_not_an_interval_late() -> None:
    time_heartbeats_correctly()
    ws = SimpleNamespace(thread_id=threading.get_ident(), _max_heartbeat_timeout=60.0, HEARTBEAT=1, sequence=7)
    sender = discord.gateway.KeepAliveHandler(ws=cast("Any", ws), interval=INTERVAL, shard_id=0)
    # The heartbeat before.
    sender._last_send -= 1000 * GENEROUS
    payload = sender.get_payload()
    sender.ack()

    assert isinstance(sender, KeepAliveHandler)
    assert payload == {"op": 1, "d": 7}
    assert 0 <= sender.latency < GENEROUS
