"""Reads of policies: versions, their difference, who must still accept, and receipts of consent."""

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import DateTimeField, F, Max, Q, QuerySet, TextField, UUIDField, Value
from django.utils import timezone

from core.consents import registry as consents
from core.errors import not_found
from policies.difference import Line, Plain, diff_sentences
from policies.models import (
    Acceptance,
    DisputeBody,
    Doubt,
    Framework,
    LegalEntity,
    OfficerContact,
    ProbeDay,
    ProbeRun,
    Receipt,
    Sentence,
    Version,
)
from policies.office import holds_office

ANNOUNCED = "policies.announced"  # where the cache keeps what the notices speak of
ANNOUNCED_SECONDS = 60


def find_version_in_force(kind: str, at: datetime.datetime | None = None) -> Version | None:
    """The version of "policy" or "terms" that applies at an instant (now); None before the first (P12)."""
    return Version.objects.all().in_force(kind, at or timezone.now()).first()


def end_of_day(day: datetime.date) -> datetime.datetime:
    """The last instant of a day, in UTC: what "on a date" means here."""
    return datetime.datetime.combine(day, datetime.time.max, tzinfo=datetime.UTC)


def find_version_on(kind: str, day: datetime.date) -> Version:
    """The version in force on a day (P12). Refuses (`not_found`) a day before the first version."""
    version = find_version_in_force(kind, end_of_day(day))
    if version is None:
        raise not_found()
    return version


def find_version(kind: str, number: int) -> Version:
    """The version of that number. Refuses (`not_found`)."""
    version = Version.objects.filter(kind=kind, number=number).first()
    if version is None:
        raise not_found()
    return version


def list_versions(kind: str) -> QuerySet[Version]:
    """Every version, newest first."""
    return Version.objects.filter(kind=kind).order_by("-number")


def list_sentences(version: Version) -> list[Sentence]:
    """The sentences of a version in their order."""
    return list(version.sentences.order_by("position"))


def diff_versions(old: Version | None, new: Version) -> list[Line]:
    """What changed from one version to another, word by word; everything is new against None (S1)."""
    return diff_sentences(_plain(old), _plain(new))


def _plain(version: Version | None) -> list[Plain]:
    if version is None:
        return []
    return [Plain(one.ident, one.section, one.text) for one in list_sentences(version)]


def find_acceptance(user: Any, version: Version) -> Acceptance | None:
    """This person's acceptance of this version."""
    if not getattr(user, "is_authenticated", False):
        return None
    return Acceptance.objects.filter(user_id=user.pk, version=version).first()


def find_material_floors(at: datetime.datetime | None = None) -> dict[str, int]:
    """Per kind the newest material version in force, beyond the first: who accepted less is asked again (S2)."""
    later = Version.objects.all().binding(at or timezone.now()).filter(material=True, number__gt=1)
    return dict(later.order_by().values("kind").annotate(floor=Max("number")).values_list("kind", "floor"))


def find_outdated_kind(user: Any, floors: dict[str, int]) -> str:
    """The first kind of text of which the person accepted only versions below its floor; "" where all is well."""
    accepted = Acceptance.objects.filter(user_id=user.pk, version__kind__in=floors)
    newest = dict(accepted.order_by().values("version__kind").annotate(top=Max("version__number")).values_list(
        "version__kind", "top"
    ))  # fmt: skip
    return next((kind for kind in sorted(floors) if kind in newest and newest[kind] < floors[kind]), "")


def list_versions_to_accept(user: Any, at: datetime.datetime | None = None) -> list[Version]:
    """The versions in force that the person must still accept: none so far, or none since a material change (S2)."""
    now = at or timezone.now()
    floors = find_material_floors(now)
    current = [version for kind in Version.Kind.values if (version := find_version_in_force(kind, now))]
    newest: dict[str, int] = {}
    for kind, number in Acceptance.objects.filter(user_id=user.pk).values_list("version__kind", "version__number"):
        newest[kind] = max(number, newest.get(kind, 0))
    return [version for version in current if newest.get(version.kind, 0) < floors.get(version.kind, 1)]


def probe_runs() -> dict[str, ProbeRun]:
    """The last stored result of each probe, by key."""
    return {run.key: run for run in ProbeRun.objects.all()}


def list_doubts() -> dict[str, Doubt]:
    """The oldest doubt about each check that is not settled, by key."""
    return {one.key: one for one in Doubt.objects.filter(settled_at=None).order_by("-pk")}


def list_doubts_of(key: str) -> list[Doubt]:
    """Every doubt about one check, newest first, with what was found."""
    return list(Doubt.objects.filter(key=key))


def list_announced(at: datetime.datetime | None = None) -> list[Version]:
    """The newest material version of each kind that is published and not in force yet: what notices speak of (S104)."""
    now = at or timezone.now()
    coming: dict[str, Version] = {}
    for version in Version.objects.filter(material=True, number__gt=1).order_by("number"):
        if version.waits_for_notices or version.effective_at > now:
            coming[version.kind] = version
        else:
            coming.pop(version.kind, None)
    return list(coming.values())


def list_announced_shortly() -> list[Version]:
    """The same, remembered for a minute: every page asks."""
    return cache.get_or_set(ANNOUNCED, list_announced, ANNOUNCED_SECONDS) or []


def list_untold() -> list[Version]:
    """Material versions of which not everybody was told yet, oldest first."""
    return list(Version.objects.all().untold().order_by("pk"))


def list_probe_days(since: datetime.date, key: str = "") -> list[ProbeDay]:
    """How probes (one of them) stood on each day from `since` on."""
    days = ProbeDay.objects.filter(day__gte=since)
    return list(days.filter(key=key) if key else days)


@dataclass(frozen=True)
class Accepted:
    """What a person had accepted of one kind at an instant, beside the version that was in force."""

    kind: str
    in_force: Version | None
    acceptance: Acceptance | None


def list_accepted_on(user: Any, at: datetime.datetime) -> list[Accepted]:
    """Per kind the newest version that the person had accepted by then, and the one in force then (P12)."""
    given = Acceptance.objects.filter(user_id=user.pk, accepted_at__lte=at).select_related("version")
    newest = {one.version.kind: one for one in given.order_by("version__number")}
    return [Accepted(kind, find_version_in_force(kind, at), newest.get(kind)) for kind in Version.Kind.values]


def list_entities() -> list[LegalEntity]:
    """Every legal entity, the first one first; each with the version with which it took or takes over."""
    return list(LegalEntity.objects.select_related("version", "predecessor").order_by("pk"))


def find_entity(at: datetime.datetime | None = None) -> LegalEntity | None:
    """The legal entity at an instant (now): the newest whose policy version was in force by then (S7, S60)."""
    binding = Version.objects.all().binding(at or timezone.now())
    return (
        LegalEntity.objects.select_related("version", "predecessor")
        .filter(Q(version=None) | Q(version__in=binding))
        .order_by("-pk")
        .first()
    )


def find_coming_entity() -> LegalEntity | None:
    """The entity that takes over with a version that is published and not in force yet."""
    newest = LegalEntity.objects.select_related("version", "predecessor").order_by("-pk").first()
    return newest if newest and newest != find_entity() else None


def list_frameworks(day: datetime.date) -> list[tuple[Framework, str]]:
    """Every framework record with its state on a day (S3)."""
    return [(one, one.state_on(day)) for one in Framework.objects.all()]


def find_officer() -> OfficerContact | None:
    """How the privacy officer is reached: the newest contact, while its person holds the role (S8)."""
    contact = OfficerContact.objects.select_related("user").first()
    return contact if contact is not None and holds_office(contact.user) else None


def find_dispute_body() -> DisputeBody | None:
    """The independent body to which complaints go that we leave open (S6); None where none is on record."""
    return DisputeBody.objects.first()


# ---- receipts of consent (P16) -----------------------------------------------------------------------------
@dataclass(frozen=True)
class Shown:
    """One yes as the list of receipts shows it. An accepted text has `number`, and cannot be withdrawn."""

    public_id: uuid.UUID | None
    purpose: str
    number: int
    text: str
    text_hash: str
    channel: str
    given_at: datetime.datetime
    withdrawn_at: datetime.datetime | None

    @property
    def is_in_force(self) -> bool:
        """Whether this is a yes that can be taken back."""
        return self.number == 0 and self.withdrawn_at is None

    @property
    def label(self) -> Any:
        """What was agreed to, in words."""
        kind = consents.find(self.purpose)
        return kind.label if kind else self.purpose

    @property
    def channel_label(self) -> str:
        """Where it was said, in words."""
        names = {**dict(Acceptance.Channel.choices), **dict(Receipt.Channel.choices)}
        return str(names.get(self.channel, self.channel))


def list_receipts(subject: str) -> list[Shown]:
    """Everything that `subject` ("user:12") said yes to, accepted texts too, newest first, in one statement (P16)."""
    own = Receipt.objects.filter(subject=subject).annotate(number=Value(0))
    names = ("public_id", "purpose", "number", "text", "text_hash", "channel", "given_at", "withdrawn_at")
    rows: QuerySet[Any, Any] = own.values_list(*names)
    noun, _colon, key = subject.partition(":")
    if noun == "user" and key.isdecimal():
        accepted = Acceptance.objects.filter(user_id=int(key)).values_list(
            Value(None, output_field=UUIDField()),
            F("version__kind"),
            F("version__number"),
            Value("", output_field=TextField()),
            F("text_hash"),
            F("channel"),
            F("accepted_at"),
            Value(None, output_field=DateTimeField()),
        )
        rows = rows.union(accepted, all=True)
    return [Shown(*row) for row in rows.order_by("-given_at")]


def find_receipt(subject: str, public_id: uuid.UUID) -> Receipt:
    """One receipt of this subject. Refuses (`not_found`)."""
    receipt = Receipt.objects.filter(subject=subject, public_id=public_id).first()
    if receipt is None:
        raise not_found()
    return receipt


def has_consent(subject: str, purpose: str) -> bool:
    """Whether a yes of this subject to this purpose is in force."""
    return bool(list_consenting([subject], purpose))


def list_consenting(subjects: Iterable[str], purpose: str) -> set[str]:
    """Those of the subjects whose yes to this purpose is in force, in one statement."""
    rows = Receipt.objects.filter(subject__in=list(subjects), purpose=purpose, withdrawn_at=None)
    return set(rows.values_list("subject", flat=True))
