"""Builders for tests: published texts, and versions with sentences of the test's choice."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from policies.actions import (
    mark_told,
    publish_version,
    record_acceptance,
    record_entity,
    record_framework,
    record_officer_contact,
)
from policies.models import Acceptance, Framework, LegalEntity, OfficerContact, Version
from policies.queries import find_version_in_force
from policies.source import SourceSentence, SourceText


def make_policies() -> dict[str, Version]:
    """Policy and terms in force, as `publish_policy` makes them; those that are there already are left."""
    return {kind: find_version_in_force(kind) or publish_version(kind=kind) for kind in Version.Kind.values}


def make_source(*texts: str, kind: str = "policy", **changes: Any) -> SourceText:
    """A text of these sentences; ids are s1, s2, ... unless a text is written as "id: text"."""
    sentences = []
    for number, text in enumerate(texts, start=1):
        ident, colon, rest = text.partition(": ")
        ident, text = (ident, rest) if colon else (f"s{number}", text)
        sentences.append(SourceSentence(ident, "Section", text, ("S1",), "", "A definition."))
    values: dict[str, Any] = {
        "title": "Privacy policy",
        "edited_at": timezone.now(),
        "short": ("What changed.",),
        "sentences": tuple(sentences),
    }
    return SourceText(kind=kind, **{**values, **changes})


def make_version(
    *texts: str,
    kind: str = "policy",
    effective_at: datetime.datetime | None = None,
    material: bool = False,
    told: bool = False,
) -> Version:
    """A published version of these sentences; `told`: its notices are out."""
    version = publish_version(
        kind=kind, effective_at=effective_at, material=material, source=make_source(*texts, kind=kind)
    )
    if told:
        mark_told(version=version)
        version.refresh_from_db()
    return version


def make_acceptances(user: Any, channel: str = Acceptance.Channel.SIGNUP) -> Sequence[Acceptance]:
    """The person's acceptance of the policy and terms in force."""
    return [record_acceptance(user=user, version=version, channel=channel) for version in make_policies().values()]


def make_records(officer: Any) -> tuple[LegalEntity, Framework, OfficerContact]:
    """The company, a membership in a framework, and the contact of the privacy officer."""
    return (
        record_entity(name="Specimen Ltd", office="1 Example Street, Exampleton", registration="000001"),
        record_framework(name="Example Shield", certificate="ES-1", since=timezone.now().date()),
        record_officer_contact(user=officer, email="privacy@livechat.example", post="1 Example Street, Exampleton"),
    )
