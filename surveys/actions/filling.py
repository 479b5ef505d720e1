"""Filling a survey in, saying no thanks, and taking one's name back (S71, P16)."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.scoping import scopes_disabled
from chat.models import KNOWN, Visitor
from core.errors import not_found
from policies.actions import give_consent, withdraw_consent
from policies.models import Receipt
from surveys.filling import Filled, hash_text
from surveys.models import Answer, Contact, MemberContact, MemberMark, Sheet, Survey, VisitorContact, VisitorMark

NAMED = "survey.named"  # the purpose of its receipt


@dataclass(frozen=True)
class Asked:
    """Who is asked: a visitor, somebody with a login, or nobody that we know (a link)."""

    visitor: Visitor | None = None
    user: User | None = None

    @property
    def channel(self) -> str:
        channel = Sheet.Channel
        return str(channel.CHAT if self.visitor else channel.APP if self.user else channel.LINK)


@transaction.atomic
def fill_in(*, survey: Survey, asked: Asked, filled: Filled, consent: str) -> Contact | None:
    """Stores a sheet, in the survey's scope; a second time by the same person changes nothing.

    Answers the contact when a name or an e-mail was given: `consent` is the sentence that stood above the fields.
    """
    if not _mark(survey, asked):
        return None
    sheet = Sheet.objects.create(
        account_id=survey.account_id,
        survey=survey,
        channel=asked.channel,
        month=timezone.localdate(timezone=survey.account.zone if survey.account else None).replace(day=1),
    )
    rows = []
    for question, value in filled.answers.items():
        values = [{"text": value}] if isinstance(value, str) else [{"number": number} for number in value]
        rows += [Answer(account_id=survey.account_id, sheet=sheet, question_id=question, **one) for one in values]
    Answer.objects.bulk_create(rows)
    return _keep_contact(survey, sheet, asked, filled, consent)


@transaction.atomic
def decline(*, survey: Survey, asked: Asked) -> None:
    """Notes that somebody is not asked again; nothing else is kept of a no."""
    _mark(survey, asked)


@transaction.atomic
def take_back(*, contact: Contact) -> None:
    """Deletes name and e-mail, and with them the link between the answers and a person, at once.

    With the last one the receipt ends too.
    """
    subject, others = _subject_of(contact), _contacts_of(_subject_of(contact)).exclude(pk=contact.pk)
    contact.delete()
    if subject and not others.exists():
        withdraw_consent(subject=subject, purpose=NAMED, channel=Receipt.Channel.LINK)


def take_back_all(subject: str) -> None:
    """The same for every survey of "visitor:12" or "user:12"; `withdraw_consent` calls it in its transaction."""
    with scopes_disabled():
        _contacts_of(subject).delete()


def _subject_of(contact: Contact) -> str:
    if isinstance(contact, MemberContact):
        return f"user:{contact.user_id}"
    if isinstance(contact, VisitorContact) and contact.visitor_id:
        return f"visitor:{contact.visitor_id}"
    return ""  # by a link: nobody that we know


def _contacts_of(subject: str) -> "QuerySet[Any]":
    noun, _colon, key = subject.partition(":")
    if noun == "user":
        return MemberContact.objects.filter(user=int(key))
    return VisitorContact.objects.filter(visitor=int(key) if noun == "visitor" else 0)


def _mark(survey: Survey, asked: Asked) -> bool:
    """Marks the person; False when they were marked before. A link marks nobody."""
    account_id = survey.account_id
    if asked.visitor is not None:
        if not Visitor.objects.filter(KNOWN, pk=asked.visitor.pk).exists():
            raise not_found()  # deleted at the visitor's own wish, a moment ago
        return bool(VisitorMark.objects.get_or_create(
            survey=survey, visitor=asked.visitor, defaults={"account_id": account_id}
        )[1])  # fmt: skip
    if asked.user is not None:
        return bool(
            MemberMark.objects.get_or_create(survey=survey, user=asked.user, defaults={"account_id": account_id})[1]
        )
    return True


def _keep_contact(survey: Survey, sheet: Sheet, asked: Asked, filled: Filled, consent: str) -> Contact | None:
    if not survey.asks_name or not (filled.name or filled.email):
        return None
    values = {
        "account_id": survey.account_id, "sheet": sheet, "name": filled.name, "email": filled.email,
        "text_hash": hash_text(consent), "channel": asked.channel,
    }  # fmt: skip
    if asked.user is not None:
        contact: Contact = MemberContact.objects.create(user=asked.user, **values)
    else:
        contact = VisitorContact.objects.create(visitor=asked.visitor, **values)
    if subject := _subject_of(contact):
        channel = Receipt.Channel.CHAT if asked.visitor is not None else Receipt.Channel.SITE
        give_consent(subject=subject, purpose=NAMED, text=consent, channel=channel)
    return contact
