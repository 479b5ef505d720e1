"""Writes of policies: publish a version, store an acceptance or a receipt of consent, keep the result of a probe."""

import datetime
import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.consents import registry as consents
from core.errors import Refused
from core.promises import Outcome, registry
from policies.events import version_published
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
from policies.source import SourceText, read_text, with_entity

NOTICE = datetime.timedelta(days=14)  # a material version takes effect at the earliest this long after (S104)
LATE_AFTER = datetime.timedelta(days=1)  # notices that leave later than this after publication move the date of effect


@transaction.atomic
def publish_version(
    *,
    kind: str,
    effective_at: datetime.datetime | None = None,
    material: bool = False,
    source: SourceText | None = None,
    entity: LegalEntity | None = None,
) -> Version:
    """Makes the next immutable version of "policy" or "terms" from its text file (S1, S9, P1).

    Refuses (`bad_text`, `no_probe`, `unchanged`, `too_early`, `notices_out`): a sentence whose probe is not registered
    and that does not say why it needs none; a text equal to the newest version; a date of effect in the past, or for a
    material version less than 14 days from now; a small change on top of a material one of which not everybody was
    told. The first version may take effect at any time. The policy names the legal entity on record, or `entity`, which
    is about to take over.
    """
    text = source or read_text(kind)
    if kind == Version.Kind.POLICY:
        known = LegalEntity.objects.select_related("predecessor").order_by("-pk").first()
        text = with_entity(text, entity or known)
    now = timezone.now()
    effective_at = effective_at or now
    newest = Version.objects.select_for_update().filter(kind=kind).order_by("-number").first()
    _check_probes(text)
    if newest:
        _check_date(newest, text, effective_at, now, material)
    version = Version.objects.create(
        kind=kind,
        number=newest.number + 1 if newest else 1,
        title=text.title,
        short=list(text.short),
        material=material,
        edited_at=text.edited_at,
        published_at=now,
        effective_at=effective_at,
        text_hash=text.text_hash,
    )
    Sentence.objects.bulk_create(
        Sentence(
            version=version,
            position=position,
            section=sentence.section,
            ident=sentence.ident,
            text=sentence.text,
            rows=list(sentence.rows),
            probe=sentence.probe,
            no_probe=sentence.no_probe,
        )
        for position, sentence in enumerate(text.sentences, start=1)
    )
    transaction.on_commit(lambda: version_published.send_robust(sender=Version, version_id=version.pk))
    return version


def _check_probes(text: SourceText) -> None:
    for sentence in text.sentences:
        if sentence.probe and sentence.probe not in registry:
            missing = _("%(ident)s: there is no probe %(probe)s.")
            raise Refused("no_probe", missing % {"ident": sentence.ident, "probe": sentence.probe})
        if not sentence.probe and not sentence.no_probe:
            unchecked = _("%(ident)s: name a probe, or say why the sentence needs none.")
            raise Refused("no_probe", unchecked % {"ident": sentence.ident})


def _check_date(
    newest: Version, text: SourceText, effective_at: datetime.datetime, now: datetime.datetime, material: bool
) -> None:
    if newest.text_hash == text.text_hash:
        raise Refused("unchanged", _("The text is that of %(version)s.") % {"version": newest})
    if effective_at < now or effective_at < newest.effective_at:
        raise Refused("too_early", _("A version cannot take effect in the past or before the one it replaces."))
    if newest.waits_for_notices and not material:
        waiting = _("The notices of %(version)s are not all out. What follows it now is a material version too.")
        raise Refused("notices_out", waiting % {"version": newest})
    if material and effective_at < now + NOTICE:
        sooner = _("A material version takes effect at the earliest %(days)d days from now.")
        raise Refused("too_early", sooner % {"days": NOTICE.days})


@transaction.atomic
def record_acceptance(*, user: Any, version: Version, channel: str) -> Acceptance:
    """Stores that the person accepts this version, with the hash of its text and the time (S2); again is harmless.

    `channel` is one of Acceptance.Channel. Refuses (`bad_version`) a version that was never published.
    """
    if version.pk is None:
        raise Refused("bad_version", _("This version does not exist."))
    acceptance, _made = Acceptance.objects.get_or_create(
        user_id=user.pk,
        version=version,
        defaults={"text_hash": version.text_hash, "accepted_at": timezone.now(), "channel": channel},
    )
    return acceptance


@transaction.atomic
def give_consent(*, subject: str, purpose: str, text: str, channel: str) -> Receipt:
    """Stores that `subject` ("user:12") said yes to `text`, and when; the same yes again gives the first receipt (P16).

    A yes to another text ends the receipt of the older one. `channel` is one of Receipt.Channel. Refuses
    (`bad_purpose`) what nobody declared as something to say yes to.
    """
    if consents.find(purpose) is None or not text.strip():
        raise Refused("bad_purpose", _("There is nothing of that name to agree to."))
    text_hash = hashlib.sha256(text.encode()).hexdigest()
    now = timezone.now()
    old = Receipt.objects.select_for_update().filter(subject=subject, purpose=purpose, withdrawn_at=None).first()
    if old is not None and old.text_hash == text_hash:
        return old
    if old is not None:
        Receipt.objects.filter(pk=old.pk).update(withdrawn_at=now, withdrawn_by=channel)
    return Receipt.objects.create(
        subject=subject, purpose=purpose, text=text, text_hash=text_hash, channel=channel, given_at=now
    )


@transaction.atomic
def mark_told(*, version: Version, now: datetime.datetime | None = None) -> bool:
    """Notes that everybody was told of a material version; False where that was noted before (S104).

    Where the last notice left more than a day after publication, the date of effect moves: from then on 14 days.
    """
    now = now or timezone.now()
    effective_at = version.effective_at
    if now > version.published_at + LATE_AFTER:
        effective_at = max(effective_at, now + NOTICE)
    untold = Version.objects.untold().filter(pk=version.pk)
    return untold.update(notified_at=now, effective_at=effective_at) == 1


@transaction.atomic
def store_probe_days(*, results: "dict[str, tuple[Outcome, str]]", now: datetime.datetime | None = None) -> None:
    """Keeps the worst result of each probe per day; `results` are {key: (outcome, figure)} as just seen (P1)."""
    now = now or timezone.now()
    today = now.astimezone(datetime.UTC).date()
    worst = [Outcome.KEPT.value, Outcome.LATE.value, Outcome.BROKEN.value]
    before = {one.key: one for one in ProbeDay.objects.filter(day=today, key__in=results)}
    days = []
    for key, (outcome, figure) in results.items():
        known = before.get(key)
        if known is None or worst.index(outcome.value) > worst.index(known.result):
            days.append(ProbeDay(key=key, day=today, result=outcome.value, figure=figure[:300], seen_at=now))
    ProbeDay.objects.bulk_create(
        days, update_conflicts=True, unique_fields=["key", "day"], update_fields=["result", "figure", "seen_at"]
    )


@transaction.atomic
def withdraw_consent(*, subject: str, purpose: str, channel: str) -> bool:
    """Marks the receipt in force as withdrawn and ends at once what it allowed; False where there was none (P16)."""
    in_force = Receipt.objects.filter(subject=subject, purpose=purpose, withdrawn_at=None)
    if in_force.update(withdrawn_at=timezone.now(), withdrawn_by=channel) == 0:
        return False
    kind = consents.find(purpose)
    if kind is not None and kind.withdraw is not None:
        kind.withdraw(subject)
    return True


@transaction.atomic
def forget_receipts(*, subjects: Iterable[str]) -> int:
    """Deletes the receipts of people whose own rows are over ("visitor:12"). Returns how many."""
    return Receipt.objects.filter(subject__in=list(subjects)).delete()[0]


@transaction.atomic
def store_probe_runs(*, runs: "list[ProbeRun]") -> None:
    """Keeps the last result of each probe (P1)."""
    ProbeRun.objects.bulk_create(
        runs,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["holds", "figure", "ran_at", "took_ms", "commit"],
    )


# ---- Who we are -------------------------------------------------------------------------------------
@transaction.atomic
def record_entity(
    *, name: str, office: str, registration: str = "", effective_at: datetime.datetime | None = None
) -> LegalEntity:
    """Writes down the legal entity. The first one counts at once; another one takes over with a material version (S60).

    That version is the text with the new name, told to everybody at least 14 days before `effective_at` (14 days from
    now when None). Refuses (`missing`, `unchanged`, `takeover_waits`) and what `publish_version` refuses.
    """
    if not name.strip() or not office.strip():
        raise Refused("missing", _("Name the company and its registered office."))
    before = LegalEntity.objects.select_for_update().order_by("-pk").first()
    now = timezone.now()
    facts = {"name": name.strip(), "office": office.strip(), "registration": registration.strip()}
    if before is None:
        return LegalEntity.objects.create(**facts, recorded_at=now)
    if facts == {key: getattr(before, key) for key in facts}:
        raise Refused("unchanged", _("This company is on record already."))
    if before.version and (before.version.waits_for_notices or before.version.effective_at > now):
        raise Refused("takeover_waits", _("%(name)s has not taken over yet.") % {"name": before.name})
    entity = LegalEntity(**facts, predecessor=before, recorded_at=now)
    text = read_text(Version.Kind.POLICY)
    change = _("%(new)s takes over this site from %(old)s.") % {"new": entity.name, "old": before.name}
    text = replace(text, short=(change, _("You can export your data, object, or close your account.")))
    entity.version = publish_version(
        kind=Version.Kind.POLICY,
        material=True,
        effective_at=effective_at or now + NOTICE + datetime.timedelta(minutes=5),
        source=text,
        entity=entity,
    )
    entity.save(force_insert=True)
    return entity


@transaction.atomic
def record_framework(
    *, name: str, certificate: str, since: datetime.date, until: datetime.date | None = None
) -> Framework:
    """Writes down a membership in a privacy framework (S3). Refuses `missing` and `bad_dates`."""
    if not name.strip() or not certificate.strip():
        raise Refused("missing", _("Name the framework and the certificate."))
    if until and until < since:
        raise Refused("bad_dates", _("It cannot end before it begins."))
    return Framework.objects.create(name=name.strip(), certificate=certificate.strip(), since=since, until=until)


@transaction.atomic
def withdraw_framework(*, framework: Framework, on: datetime.date) -> None:
    """Notes that the membership holds no longer; the record stays and says so. Refuses `withdrawn`: it did already."""
    if Framework.objects.filter(pk=framework.pk, withdrawn_on=None).update(withdrawn_on=on) != 1:
        raise Refused("withdrawn", _("It was withdrawn already."))


@transaction.atomic
def record_officer_contact(*, user: Any, email: str, post: str) -> OfficerContact:
    """Writes down how the privacy officer is reached (S8). Refuses `missing`, and `no_officer` for others."""
    if not holds_office(user):
        raise Refused("no_officer", _("This person is no privacy officer, or has no second factor."))
    if not email.strip() or not post.strip():
        raise Refused("missing", _("An e-mail and a postal address are needed."))
    return OfficerContact.objects.create(user_id=user.pk, email=email.strip(), post=post.strip(), since=timezone.now())


@transaction.atomic
def record_dispute_body(*, name: str, url: str, post: str) -> DisputeBody:
    """Writes down the independent body for complaints (S6). Refuses `missing`, and `unchanged` for that on record."""
    facts = {"name": name.strip(), "url": url.strip(), "post": post.strip()}
    if not all(facts.values()):
        raise Refused("missing", _("Name the body, its address on the web and its postal address."))
    before = DisputeBody.objects.first()
    if before is not None and facts == {key: getattr(before, key) for key in facts}:
        raise Refused("unchanged", _("This body is on record already."))
    return DisputeBody.objects.create(**facts, since=timezone.now())


# ---- Doubts about a check -----------------------------------------------------------------------------
@transaction.atomic
def record_doubt(*, key: str, text: str) -> Doubt:
    """Writes down that a check is said to be wrong; from now on it counts as broken (P1).

    The text is public and names nobody. Refuses `missing`, and `no_probe` for a check that there is not.
    """
    if key not in registry:
        raise Refused("no_probe", _("There is no check of that name."))
    if not text.strip():
        raise Refused("missing", _("Say what is wrong."))
    return Doubt.objects.create(key=key, text=" ".join(text.split()), since=timezone.now())


@transaction.atomic
def settle_doubt(*, doubt: Doubt, finding: str) -> None:
    """Says what was found; the check speaks for itself again. Refuses `missing`, and `settled` where it was said."""
    if not finding.strip():
        raise Refused("missing", _("Say what was found."))
    unsettled = Doubt.objects.filter(pk=doubt.pk, settled_at=None)
    if unsettled.update(settled_at=timezone.now(), finding=" ".join(finding.split())) != 1:
        raise Refused("settled", _("It was settled already."))
