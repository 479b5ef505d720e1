"""What privacy asks of the outbox: copies are made by the worker."""

from functools import partial
from typing import Any

from core.apart import run_apart
from core.outbound import EffectKind, registry
from privacy.actions.copies import KIND, make_copy


class NotMade(RuntimeError):
    """A copy was not made in its process; the outbox tries again."""


def make(row: Any) -> None:
    """Makes one copy in a process of its own: it reads every table."""
    if not run_apart(partial(make_copy, public_id=row.key)):
        raise NotMade(row.key)


registry.register(EffectKind(KIND, make))
