"""What is counted and timed for Prometheus, wherever it happens. `docs/metrics.md` describes each metric.

No label names a server, a channel, a member, an account or a token: there may be any number of those, and whoever reads
the metrics need not know them. Modules bind their labels once, at import, because that takes longer than counting.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics

# Otherwise each counter and histogram has a second series, with the time at which it was created.
disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY = CollectorRegistry()
"""Apart from prometheus-client's global registry, which any library may add to."""

ProcessCollector(registry=REGISTRY)

CHECKS = Counter(
    "fastwatch_checks",
    "Checks of the account that this process has made, by outcome.",
    ["outcome"],
    registry=REGISTRY,
)
IMAGINEPRO_REQUESTS = Counter(
    "fastwatch_imaginepro_requests",
    "Requests to ImaginePro, each attempt counted, by call and outcome.",
    ["call", "outcome"],
    registry=REGISTRY,
)
IMAGINEPRO_REQUEST_DURATION = Histogram(
    "fastwatch_imaginepro_request_duration_seconds",
    "Time from sending a request to ImaginePro to the end of the response.",
    ["call"],
    # The client gives up after 20 s.
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
    registry=REGISTRY,
)
IMAGINEPRO_CONCURRENCY_LIMIT = Gauge(
    "fastwatch_imaginepro_concurrency_limit",
    "How many requests to ImaginePro may be in flight at present.",
    registry=REGISTRY,
)
DATABASE_TRANSACTION_DURATION = Histogram(
    "fastwatch_database_transaction_duration_seconds",
    "Time from the beginning of a transaction, with the wait for its turn, to its end.",
    ["access"],
    # A transaction ends within 30 s.
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10, 30),
    registry=REGISTRY,
)
DELIVERIES = Counter(
    "fastwatch_deliveries",
    "Attempts to deliver to Discord, by kind of delivery and outcome.",
    ["kind", "outcome"],
    registry=REGISTRY,
)
ALERT_DELAY = Histogram(
    "fastwatch_alert_delay_seconds",
    "Time from ImaginePro's answer to Discord's acceptance of the alert about it.",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600),
    registry=REGISTRY,
)
EVENT_LOOP_LAG = Histogram(
    "fastwatch_event_loop_lag_seconds",
    "How much later than asked the event loop has woken up a timer.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
)
