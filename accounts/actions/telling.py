"""Writes of notices: a material version of policy or terms is told by mail and on the site before it binds (S104)."""

import datetime

from django.core.cache import cache
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, User
from core.looking import look_at
from outbox.actions import NewDelivery, enqueue_many, try_again
from outbox.models import Delivery
from policies.actions import NOTICE, mark_told
from policies.models import Version
from policies.queries import ANNOUNCED, list_untold

KIND = "accounts.policy_notice"
AT_ONCE = 2000  # people per statement
REST = datetime.timedelta(hours=3)  # a mail that was given up is tried again after that
FEW = 20  # after 14 days of tries one owner in so many may be out of reach: the site tells them


def key_of(version: Version) -> str:
    """The outbox key of a version's notices."""
    return f"version:{version.pk}"


def tell_of_versions(*, now: datetime.datetime | None = None) -> list[Version]:
    """Queues the notices of untold versions and marks those of which everybody was told; answers these (S104).

    Again is harmless: each person gets one mail per version. Who signed up since is told too.
    """
    now = now or timezone.now()
    told = []
    for version in list_untold():
        announce_version(version=version)
        retry_notices(version=version, now=now)
        if is_told(version, now) and shows_notice(version) and mark_told(version=version, now=now):
            told.append(version)
    if told:
        cache.delete_many([ANNOUNCED, "policies.floors"])
    return told


@transaction.atomic
def announce_version(*, version: Version) -> int:
    """Queues one mail for every active person; answers how many are new. A version that binds already needs none."""
    if not version.waits_for_notices:
        return 0
    cache.delete(ANNOUNCED)
    people = User.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True)
    added, last = 0, 0
    while batch := list(people.filter(pk__gt=last)[:AT_ONCE]):
        last = batch[-1]
        rows = [
            NewDelivery(kind=KIND, key=key_of(version), recipient=f"user:{pk}", payload={"version": version.pk})
            for pk in batch
        ]
        added += enqueue_many(rows)
    return added


@transaction.atomic
def retry_notices(*, version: Version, now: datetime.datetime) -> int:
    """Takes up again the notices that were given up some hours ago: the mail server was away."""
    given_up = Delivery.objects.filter(kind=KIND, key=key_of(version), state=Delivery.State.PARKED)
    return try_again(deliveries=list(given_up.filter(finished_at__lte=now - REST)[:AT_ONCE]))


def is_told(version: Version, now: datetime.datetime) -> bool:
    """Whether the mail of every active owner is out. A dead address is told by the site.

    After 14 days of tries some few mailboxes that take no mail hold up nobody else.
    """
    missing = len(owners_not_told(version))
    if missing and now > version.published_at + NOTICE:
        return missing * FEW <= len(_owners())
    return not missing


def owners_not_told(version: Version) -> set[str]:
    """The outbox words of the active owners whose mail about this version did not leave; who came later are no part."""
    done = [Delivery.State.DONE, Delivery.State.DROPPED]
    mine = Delivery.objects.filter(kind=KIND, key=key_of(version))
    if version.notified_at:
        return _owners() & set(mine.exclude(state__in=done).values_list("recipient", flat=True))
    return _owners() - set(mine.filter(state__in=done).values_list("recipient", flat=True))


def _owners() -> set[str]:
    owners = Membership.objects.filter(role=Membership.Role.OWNER, user__is_active=True)
    return {f"user:{pk}" for pk in owners.order_by().values_list("user_id", flat=True).distinct()}


def shows_notice(version: Version) -> bool:
    """Whether a stranger sees the notice on the site now: the page is asked for, as a browser would."""
    cache.delete(ANNOUNCED)
    page = look_at(reverse("account_login"))
    return page.status_code == 200 and f'data-notice="{version.kind}:{version.number}"' in page.content.decode()
