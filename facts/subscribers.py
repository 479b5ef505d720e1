"""What facts do when accounts speak."""

from typing import Any

import structlog

from facts.tasks import recount_account

log = structlog.get_logger(__name__)


def recount(sender: Any, *, account_id: int, **kwargs: Any) -> None:
    """An account set its clock to another time zone: its days and hours are others now. The worker counts anew.

    A broker that is gone costs a day at most: the nightly check sees the old clock.
    """
    try:
        recount_account.delay(account_id)
    except Exception as error:  # any broker, any failure
        log.warning("facts.recount_not_asked", error=type(error).__name__)
