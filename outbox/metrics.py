"""Numbers of the outbox."""

from core.metrics import gauge
from outbox.queries import count_parked, find_oldest_lateness

gauge(
    "livechat_outbox_age_seconds", "Waiting time of the oldest due row", lambda: find_oldest_lateness().total_seconds()
)
gauge("livechat_outbox_parked", "Rows that were given up and wait for a person", count_parked)
