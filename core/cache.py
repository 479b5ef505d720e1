"""The shared cache on Redis, which goes on in the memory of this process while Redis is gone (SAFETY 2.2)."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import TimeoutError as RedisSlow

log = logging.getLogger(__name__)

REST_SECONDS = 5.0  # after a failure Redis is left alone that long, so that requests do not wait for it


class SurvivingRedisCache(RedisCache):
    """Redis, or this process's memory for REST_SECONDS after each failure: limits then count per process."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        # Django's 300 entries would soon be full, and counts of tries thrown out
        self._spare = LocMemCache("while-redis-is-gone", {**params, "OPTIONS": {"MAX_ENTRIES": 100_000}})
        self._rest_until = 0.0

    def _ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self._rest_until:
            try:
                ask: Callable[..., Any] = getattr(super(), name)
                return ask(*args, **kwargs)
            except (RedisGone, RedisSlow):
                self._rest_until = time.monotonic() + REST_SECONDS
                log.warning("redis is gone; the cache goes on in this process")
        return getattr(self._spare, name)(*args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("add", *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("touch", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("delete", *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get_many", *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("has_key", *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("incr", *args, **kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("set_many", *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("delete_many", *args, **kwargs)

    def clear(self) -> Any:
        return self._ask("clear")
