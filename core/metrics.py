"""The numbers that `/metrics` shows, in our own registry; apps add theirs in `metrics.py` (no personal data, ever)."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

REGISTRY = CollectorRegistry(auto_describe=True)


def counter(name: str, about: str, labels: tuple[str, ...] = ()) -> Counter:
    """A number that only grows, such as "livechat_messages". Label values come from our code, never from people."""
    return Counter(name, about, labels, registry=REGISTRY)


def gauge(name: str, about: str, read: Callable[[], float]) -> Gauge:
    """A number that is read when somebody looks, such as "livechat_sockets"."""
    made = Gauge(name, about, registry=REGISTRY)
    made.set_function(read)
    return made


def histogram(name: str, about: str, buckets: tuple[float, ...], labels: tuple[str, ...] = ()) -> Histogram:
    """Counts of values by size, such as the writer's batch sizes."""
    return Histogram(name, about, labels, buckets=buckets, registry=REGISTRY)


def as_text() -> bytes:
    """Every number in the Prometheus text format."""
    return generate_latest(REGISTRY)


requests = histogram(
    "livechat_request_seconds",
    "Time to answer an HTTP request",
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    ("status",),
)
