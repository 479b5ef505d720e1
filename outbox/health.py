"""Whether rows of the outbox leave in time."""

from datetime import timedelta

from core.health import Health, registry
from outbox.queries import count_parked, find_oldest_lateness

TOO_LATE = timedelta(minutes=10)


def look_at_outbox() -> Health:
    """Bad when a due row has waited for a worker for more than ten minutes."""
    late, parked = find_oldest_lateness(), count_parked()
    figure = f"oldest due row waits {int(late.total_seconds())} s; {parked} parked"
    return Health(late < TOO_LATE, figure, "Start a worker: manage.py run --part worker")


registry.register("outbox", look_at_outbox, vital=False)
