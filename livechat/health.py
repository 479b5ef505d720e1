"""Whether the broker takes tasks."""

from pathlib import Path

from django.conf import settings

from core.health import Health, registry

FULL = 10_000  # that many waiting tasks mean that no worker takes them


def look_at_broker() -> Health:
    """Redis answers within a second, or the embedded broker's folder is not running over."""
    if settings.REDIS_URL:
        import redis

        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
            client.ping()
        return Health(True, "redis", "Look at REDIS_URL and whether Redis runs; chats go on without it.")
    from livechat.broker import count_waiting

    waiting = count_waiting(Path(settings.VAR) / "broker")
    return Health(waiting < FULL, f"files, {waiting} waiting", "Start a worker: manage.py run --part worker")


registry.register("broker", look_at_broker, vital=False)
