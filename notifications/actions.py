"""Writes of notifications: what a person wants to get, and which addresses must stay alone."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from allauth.account.models import EmailAddress
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Membership, User
from audit import actions as audit
from core.errors import Refused, not_found
from core.limits import TooMany
from core.outbound import MailKind, registry
from core.personal_data import Purpose
from notifications import events
from notifications.addresses import hash_address
from notifications.inbound import InboundMail, NotYet, list_handlers
from notifications.models import Campaign, CampaignReader, Preference, ReceivedMail, Suppression, UnclaimedMail
from notifications.queries import MARKETING, NEWS, consent_text, list_audience, list_young
from notifications.tokens import Subscription
from outbox.actions import NewDelivery, enqueue, enqueue_many
from policies.actions import give_consent, withdraw_consent
from policies.models import Receipt

UNCLAIMED = "notifications.unclaimed"
HOUR = timedelta(hours=1)
PERSON_AN_HOUR = 5  # mails to one thread, or of one sender to the plain address; what comes faster gets no answer
SENDER_AN_HOUR = 60  # mails of one sender; more wait where they are
LEASE = timedelta(minutes=10)  # after that a claimed mail is handed over again: its process died
POLITE = timedelta(days=1)  # one "this reached nobody" for a sender


@transaction.atomic
def set_preference(
    *, user: User, account: Account, kind: str, is_on: bool, options: dict[str, Any] | None = None
) -> Preference:
    """Stores a person's choice for an optional mail kind in an account, and when it was switched (S41, S42).

    `changed_at` moves only when the switch does: it is the day that the mail names ("You asked for this on ...").
    `options` of the daily summary: {"messages": bool}; None leaves them. Raises Refused bad_kind for a mail that is
    part of the service, and not_found when somebody who is no member switches on.
    """
    declared = registry.mail_kinds.get(kind)
    if declared is None or not declared.optional:
        raise Refused("bad_kind", _("This mail cannot be switched."))
    if is_on and not Membership.objects.filter(user=user, account=account).exists():
        raise not_found()
    row, is_new = Preference.objects.select_for_update().get_or_create(
        user=user, account=account, kind=kind, defaults={"is_on": is_on, "options": options or {}}
    )
    has_moved = row.is_on != is_on or is_new
    has_options = options is not None and row.options != options
    if not is_new and (has_moved or has_options):
        row.is_on = is_on
        row.options = row.options if options is None else options
        row.changed_at = timezone.now() if has_moved else row.changed_at
        row.save(update_fields=["is_on", "options", "changed_at"])
    if has_moved or has_options:
        _tell(row, actor=f"user:{user.pk}", facts={"kind": kind, "is_on": is_on, "options": row.options})
    if declared.purpose is Purpose.MARKETING and is_on and list_young({f"user:{user.pk}"}):
        raise Refused("minor", _("News go only to people who are 18 or older."), status=403)
    if declared.purpose is Purpose.MARKETING:
        _keep_receipt(user_id=user.pk, kind=declared, is_on=is_on)
    return row


def _keep_receipt(*, user_id: int, kind: MailKind, is_on: bool, channel: str = Receipt.Channel.SITE) -> None:
    """Offers and news need a yes with a receipt; switched off in one account, the yes is taken back for all (S55)."""
    subject = f"user:{user_id}"
    if is_on:
        give_consent(subject=subject, purpose=MARKETING, text=consent_text(kind), channel=channel)
    else:
        withdraw_consent(subject=subject, purpose=MARKETING, channel=channel)


@transaction.atomic
def unsubscribe(*, subscription: Subscription) -> bool:
    """Switches one list off for one person, without a login; False when it was off or the person is gone (S42)."""
    row = (
        Preference.objects.select_for_update()
        .filter(
            user__public_id=subscription.user,
            account__public_id=subscription.account,
            kind=subscription.kind,
            is_on=True,
        )
        .first()
    )
    if row is None:
        return False
    row.is_on = False
    row.changed_at = timezone.now()
    row.save(update_fields=["is_on", "changed_at"])
    _tell(row, actor=f"user:{row.user_id}", facts={"kind": row.kind, "is_on": False, "by": "unsubscribe link"})
    kind = registry.mail_kinds.get(row.kind)
    if kind is not None and kind.purpose is Purpose.MARKETING:
        _keep_receipt(user_id=row.user_id, kind=kind, is_on=False, channel=Receipt.Channel.LINK)
    return True


@transaction.atomic
def unsubscribe_sender(*, email: str) -> int:
    """Switches every optional mail off for the person whose proved address this is, as asked by mail (S56).

    Returns how many switches moved. Whoever writes a false From: can do no more than that, and it can be undone.
    """
    kinds = {kind.key: kind for kind in registry.mail_kinds.values() if kind.optional}
    owners = EmailAddress.objects.filter(email__iexact=email, verified=True).values("user_id")
    rows = Preference.objects.select_for_update().filter(user_id__in=owners, kind__in=kinds, is_on=True)
    moved = list(rows)
    for row in moved:
        row.is_on = False
        row.changed_at = timezone.now()
        row.save(update_fields=["is_on", "changed_at"])
        _tell(row, actor=f"user:{row.user_id}", facts={"kind": row.kind, "is_on": False, "by": "mail"})
        if kinds[row.kind].purpose is Purpose.MARKETING:
            _keep_receipt(user_id=row.user_id, kind=kinds[row.kind], is_on=False, channel=Receipt.Channel.MAIL)
    return len(moved)


# ---- campaigns -----------------------------------------------------------------------------------------------
@transaction.atomic
def save_campaign(*, campaign: Campaign, subject: str, text: str) -> Campaign:
    """Stores the words of a campaign that was not sent yet. Refuses (`sent`) one that was."""
    if campaign.sent_at is not None:
        raise Refused("sent", _("This was sent. What people got stays as it was."))
    campaign.subject, campaign.text = subject, text
    campaign.save()
    return campaign


@transaction.atomic(durable=True)
def send_campaign(*, campaign: Campaign, by: str) -> int:
    """Sends a campaign once, to everybody who said yes and got none within seven days; returns to how many (S55).

    `by` is who sends it, such as "user:3". Refuses (`sent`) one that was sent.
    """
    now = timezone.now()
    if Campaign.objects.filter(pk=campaign.pk, sent_at=None).update(sent_at=now) == 0:
        raise Refused("sent", _("This was sent already."))
    # two campaigns that are sent at once: the second waits here, and then sees whom the first one took
    list(Preference.objects.select_for_update().filter(kind=NEWS, is_on=True).order_by("pk").values_list("pk"))
    audience = list_audience(now)
    CampaignReader.objects.bulk_create(
        CampaignReader(campaign=campaign, user_id=user, sent_at=now) for user in audience
    )
    enqueue_many(
        [
            NewDelivery(NEWS, str(campaign.pk), f"user:{user}", {"campaign": campaign.pk}, account)
            for user, account in audience.items()
        ]
    )
    Campaign.objects.filter(pk=campaign.pk).update(readers_count=len(audience))
    audit.record(
        account_ref=None, actor=by, action="campaign.sent", subject=f"campaign:{campaign.pk}",
        facts={"readers": len(audience)},
    )  # fmt: skip
    return len(audience)


@transaction.atomic
def end_marketing(subject: str) -> None:
    """Switches every mail of offers and news off for "user:12", in each account (S56); withdrawing the yes calls it."""
    kinds = [kind.key for kind in registry.mail_kinds.values() if kind.optional and kind.purpose is Purpose.MARKETING]
    noun, _colon, key = subject.partition(":")
    user_id = int(key) if noun == "user" and key.isdecimal() else 0
    for row in Preference.objects.select_for_update().filter(user_id=user_id, kind__in=kinds, is_on=True):
        row.is_on = False
        row.changed_at = timezone.now()
        row.save(update_fields=["is_on", "changed_at"])
        _tell(row, actor=subject, facts={"kind": row.kind, "is_on": False, "by": "consent withdrawn"})


@transaction.atomic
def suppress_address(*, email: str, reason: str, purpose: str = "") -> bool:
    """Remembers, as a keyed hash, that an address must get no mail (for one purpose, or for all); False: it was known.

    Raises ValueError when `email` is not an address.
    """
    return suppress_hash(hashed=hash_address(email), reason=reason, purpose=purpose)


@transaction.atomic
def suppress_hash(*, hashed: str, reason: str, purpose: str = "") -> bool:
    """`suppress_address` for an address of which only the keyed hash is left."""
    if Suppression.objects.filter(address_hash=hashed, purpose=purpose).exists():
        return False
    Suppression.objects.bulk_create(
        [Suppression(address_hash=hashed, reason=reason, purpose=purpose)], ignore_conflicts=True
    )
    return True


@transaction.atomic
def forget_bounce(*, user: User) -> bool:
    """Lets mail to a person's own address leave again after it had bounced; False when it had not."""
    bounced = Suppression.objects.filter(address_hash=hash_address(user.email), reason=Suppression.Reason.BOUNCED)
    found = bounced.delete()[0] > 0
    if found:
        audit.record(
            account_ref=None, actor=f"user:{user.pk}", action="address.bounce_forgotten", subject=f"user:{user.pk}"
        )
    return found


# ---- mail that arrives ---------------------------------------------------------------------------------------
def receive_mail(*, raw: bytes, recipients: Sequence[str] = ()) -> ReceivedMail:
    """Takes one mail: reads it, asks the handlers, and remembers that it came; a repeat gives the row of the first.

    `recipients` are the addresses of the envelope, where they are known. Raises BadMail for what is no mail, TooMany
    when its sender wrote 60 in an hour, NotYet while another process is at it, and whatever a handler raises: then it
    is asked for again later. Not inside a transaction.
    """
    from notifications.incoming.parsing import read_mail  # with its HTML reader: the web process needs none of it

    read = read_mail(raw, recipients=recipients)
    row, is_ours, is_fast = _claim(read.mail, is_own=read.is_own)
    if not is_ours:
        return row
    mail = read.mail
    if is_fast and not mail.is_automatic:
        mail = replace(mail, is_automatic=True, is_fast=True)
    try:
        is_taken = any(handler(mail) for handler in list_handlers())
    except BaseException:
        with contextlib.suppress(DatabaseError):  # else the claim ends by itself
            ReceivedMail.objects.filter(pk=row.pk, outcome=ReceivedMail.Outcome.CLAIMED).delete()
        raise
    return _finish(row, mail, is_taken=is_taken)


@transaction.atomic
def _claim(mail: InboundMail, *, is_own: bool) -> tuple[ReceivedMail, bool, bool]:
    """The mail's row, whether this process is to hand it over, and whether it came faster than people write."""
    sender, now = hash_address(mail.sender), timezone.now()
    thread = sha256(mail.token.encode()).hexdigest() if mail.token else ""
    outcome = ReceivedMail.Outcome.OWN if is_own else ReceivedMail.Outcome.CLAIMED
    row, is_new = ReceivedMail.objects.get_or_create(
        digest=mail.key, defaults={"sender_hash": sender, "thread_hash": thread, "outcome": outcome, "at": now}
    )
    if not is_new:
        if row.outcome != ReceivedMail.Outcome.CLAIMED:
            return row, False, False
        lost = ReceivedMail.objects.filter(pk=row.pk, outcome=row.outcome, at__lt=now - LEASE)
        if lost.update(at=now) != 1:
            raise NotYet
    recent = ReceivedMail.objects.filter(sender_hash=sender, at__gt=now - HOUR).exclude(pk=row.pk)
    threads = list(recent.values_list("thread_hash", flat=True)[:SENDER_AN_HOUR])
    if not mail.is_automatic and not is_own and len(threads) >= SENDER_AN_HOUR:
        raise TooMany(int(HOUR.total_seconds()))
    return row, not is_own, threads.count(thread) >= PERSON_AN_HOUR


@transaction.atomic
def _finish(row: ReceivedMail, mail: InboundMail, *, is_taken: bool) -> ReceivedMail:
    """Marks the row. A person whose mail nobody takes is told so, once a day."""
    outcome = ReceivedMail.Outcome.TAKEN
    if not is_taken:
        outcome = ReceivedMail.Outcome.DROPPED if mail.is_automatic else ReceivedMail.Outcome.UNCLAIMED
    if ReceivedMail.objects.filter(pk=row.pk, outcome=ReceivedMail.Outcome.CLAIMED).update(outcome=outcome) != 1:
        return row
    row.outcome = outcome
    if outcome == ReceivedMail.Outcome.UNCLAIMED:
        told = ReceivedMail.objects.filter(sender_hash=row.sender_hash, outcome=outcome, at__gt=row.at - POLITE)
        if not told.exclude(pk=row.pk).exists():
            unclaimed = UnclaimedMail.objects.create(address=mail.sender, message_id=mail.message_id)
            enqueue(kind=UNCLAIMED, key=str(unclaimed.pk), recipient=f"mail:{unclaimed.pk}")
    return row


def _tell(row: Preference, *, actor: str, facts: dict[str, Any]) -> None:
    audit.record(
        account_ref=row.account_id,
        actor=actor,
        action="preference.changed",
        subject=f"user:{row.user_id}",
        facts=facts,
    )
    told = partial(
        events.preference_changed.send_robust,
        Preference,
        user_id=row.user_id,
        account_id=row.account_id,
        kind=row.kind,
        is_on=row.is_on,
    )
    transaction.on_commit(told)
