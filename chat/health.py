"""What `/readyz` and `doctor` ask of the chat path."""

from chat.realtime.live import live
from core.health import Health, registry


def look_at_writer() -> Health:
    """Whether the writer of this process takes messages; a process without sockets has none."""
    if live.loop is None:
        return Health(True, "no sockets in this process")
    figure = f"{live.writer.batches} batches, {live.writer.waiting} waiting"
    return Health(live.writer.is_alive, figure, "Restart the web process.")


registry.register("writer", look_at_writer)
