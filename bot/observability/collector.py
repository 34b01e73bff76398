"""The metrics that are read when Prometheus asks: from the database, and from the Discord client."""

import math
from collections.abc import Iterator

import discord
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from bot import __version__
from bot.domain.modes import Mode
from bot.queries.metrics import Snapshot


class StateCollector(Collector):
    """Yields the present state, as it was set before. Without a snapshot, what it would say is left out."""

    def __init__(self) -> None:
        self.snapshot: Snapshot | None = None
        self.is_database_up = False
        self.client: discord.Client | None = None

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        yield InfoMetricFamily("fastwatch_build", "The version of Fastwatch.", {"version": __version__})
        yield GaugeMetricFamily(
            "fastwatch_database_up",
            "1 if the database has answered the query for these metrics, else 0.",
            int(self.is_database_up),
        )
        latency = self.client.latency if self.client is not None else math.nan
        # Without a connection, discord.py returns NaN or infinity.
        if math.isfinite(latency):
            yield GaugeMetricFamily(
                "fastwatch_discord_gateway_latency_seconds",
                "Time from a heartbeat to its acknowledgement at Discord's gateway; absent without a connection.",
                latency,
            )
        if self.snapshot is not None:
            yield from _of_snapshot(self.snapshot)


def _of_snapshot(snapshot: Snapshot) -> Iterator[Metric]:
    tokens = GaugeMetricFamily("fastwatch_tokens", "Tokens by the mode in which they were last read.", labels=["mode"])
    for mode in Mode:
        tokens.add_metric([mode.value], snapshot.modes.get(mode, 0))
    yield tokens
    yield GaugeMetricFamily(
        "fastwatch_deliveries_waiting", "Deliveries that should have been sent by now.", snapshot.waiting.number
    )
    oldest_at = snapshot.waiting.oldest_at
    yield GaugeMetricFamily(
        "fastwatch_delivery_oldest_waiting_seconds",
        "Age of the oldest delivery that should have been sent by now; 0 if there is none.",
        max((snapshot.at - oldest_at).total_seconds(), 0) if oldest_at is not None else 0,
    )
    yield GaugeMetricFamily(
        "fastwatch_routes_broken", "Alert channels that Discord refuses to the bot.", snapshot.broken_routes
    )
    if snapshot.last_success_at is not None:
        yield GaugeMetricFamily(
            "fastwatch_last_successful_check_timestamp_seconds",
            "Unix time of the last check that has read tokens, by any process on this database.",
            snapshot.last_success_at.timestamp(),
        )
