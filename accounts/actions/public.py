"""Writes of what the public knows of a member: the name, the age answer, and whom they want to hear nothing of."""

import secrets
import unicodedata

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.changes import note_change
from accounts.models import MemberBlock, User
from audit.actions import record
from core.errors import Refused
from core.personal_data import Purpose
from policies.actions import withdraw_consent
from policies.models import Receipt

LETTERS = "abcdefghjkmnpqrstuvwxyz"
SIGNS = LETTERS + "23456789"
OURS = ("livechat", "support", "admin", "administrator", "moderator", "staff")  # words that sound like one of us


@transaction.atomic
def become_member(*, user: User, display_name: str, is_minor: bool) -> User:
    """Keeps the public name and the age answer that a person gave before their first post or request (S49, S84).

    Whoever is under 13 is not brought here at all: nothing of that answer is stored. Refuses what `set_display_name`
    refuses.
    """
    changed = ["is_minor"]
    user.is_minor = is_minor or user.minor_by_staff
    if user.over_thirteen_at is None:
        user.over_thirteen_at = timezone.now()
        changed.append("over_thirteen_at")
    user.save(update_fields=changed)
    if user.is_minor:
        _end_marketing(user, Receipt.Channel.SITE)
    return set_display_name(user=user, display_name=display_name)


@transaction.atomic
def set_minor(*, user: User, is_minor: bool, by_user_id: int) -> None:
    """A privacy officer notes that a person is 13 to 17, or is not any more (S50).

    No news go to them, the photo is not shown in public, and what they asked our support goes earlier.
    """
    User.objects.filter(pk=user.pk).update(is_minor=is_minor, minor_by_staff=is_minor)
    user.is_minor = user.minor_by_staff = is_minor
    if is_minor:
        _end_marketing(user, Receipt.Channel.STAFF)
    action = "person.marked_minor" if is_minor else "person.unmarked_minor"
    record(account_ref=None, actor=f"user:{by_user_id}", subject=f"user:{user.pk}", action=action)


def _end_marketing(user: User, channel: str) -> None:
    """A yes to news that somebody under 18 gave counts no longer."""
    withdraw_consent(subject=f"user:{user.pk}", purpose=Purpose.MARKETING.value, channel=channel)


@transaction.atomic
def confirm_age(*, user: User) -> None:
    """Keeps that a person said to be 13 or older, before their first request (S49); again changes nothing."""
    if user.over_thirteen_at is None:
        user.over_thirteen_at = timezone.now()
        user.save(update_fields=["over_thirteen_at"])


@transaction.atomic
def set_display_name(*, user: User, display_name: str) -> User:
    """Changes the name that the public reads; the handle is made with the first one and stays for good (S84).

    Refuses `no_name`, and `reserved_name` for a name that sounds like our staff unless it is one of them.
    """
    name = " ".join(unicodedata.normalize("NFKC", display_name).split())[:40]
    if not any(sign.isalnum() for sign in name) or any(unicodedata.category(sign)[0] == "C" for sign in name):
        raise Refused("no_name", _("Choose a name with letters or digits"))
    if not user.is_staff and sounds_like_us(name):
        raise Refused("reserved_name", _("This name would look like one of our staff. Choose another one"))
    old = user.display_name
    if not user.handle:
        _make_handle(user)
    if old != name:
        user.display_name = name
        user.save(update_fields=["display_name"])
        note_change(user_id=user.pk, what="profile.changed", old_values={"display_name": old})
    return user


def sounds_like_us(name: str) -> bool:
    """Whether a name has one of the words by which members know our staff."""
    words = "".join(sign if sign.isalnum() else " " for sign in name.casefold()).split()
    ours = {*OURS, *settings.SITE_NAME.casefold().split()}
    return bool(ours & {*words, "".join(words)})


def _make_handle(user: User) -> None:
    """A random word without a meaning, so that it tells nothing of the person and cannot be counted through."""
    for _attempt in range(5):
        user.handle = secrets.choice(LETTERS) + "".join(secrets.choice(SIGNS) for _place in range(9))
        try:
            with transaction.atomic():
                user.save(update_fields=["handle"])
        except IntegrityError:  # one in many billions
            continue
        return
    raise Refused("busy", _("Please try again in a moment."), status=503)


@transaction.atomic
def block_member(*, user: User, other: User) -> None:
    """The member reads and hears nothing of the other one any more, who is not told. Refuses `self`, `staff`."""
    if user.pk == other.pk:
        raise Refused("self", _("You cannot block yourself."))
    if other.is_staff:
        raise Refused("staff", _("Our staff cannot be blocked: they may have to tell you something."))
    _row, is_new = MemberBlock.objects.get_or_create(user=user, blocked=other)
    if is_new:
        _log(user, other, "member.blocked")


@transaction.atomic
def unblock_member(*, user: User, other: User) -> None:
    """The member reads and hears of the other one again; without a block it does nothing."""
    if MemberBlock.objects.filter(user=user, blocked=other).delete()[0]:
        _log(user, other, "member.unblocked")


def _log(user: User, other: User, action: str) -> None:
    record(account_ref=None, actor=f"user:{user.pk}", subject=f"user:{other.pk}", action=action)
