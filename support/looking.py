"""Who else has a request open: a hint for agents, in the cache for a minute and in no table."""

import time

from django.core.cache import cache

SECONDS = 60


def note_look(request_pk: int, user_pk: int) -> list[tuple[int, int]]:
    """Notes that this agent looks; answers the others who did within a minute, as key and seconds ago, newest first."""
    key, now = f"support.looks:{request_pk}", int(time.time())
    looks: dict[int, int] = {who: at for who, at in cache.get(key, {}).items() if now - at < SECONDS}
    looks[user_pk] = now
    cache.set(key, looks, SECONDS)
    return sorted(((who, now - at) for who, at in looks.items() if who != user_pk), key=lambda one: one[1])
