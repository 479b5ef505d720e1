"""Promises that policies keep: versions never change, and every sentence that binds us is checked."""

import html
import re

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.looking import look_at
from core.promises import Evidence, build, probe, registry
from policies.actions import LATE_AFTER, NOTICE
from policies.coverage import list_principles
from policies.models import LegalEntity, OfficerContact, Version
from policies.queries import (
    end_of_day,
    find_entity,
    find_officer,
    find_version_in_force,
    list_entities,
    list_frameworks,
    list_sentences,
    list_versions,
)
from policies.source import hash_text

PRINCIPLES = 7
STATE = re.compile(r'data-framework="(\d+)" data-state="(\w+)"')


@probe(
    "versions_fixed",
    rows=("S1", "S9"),
    how=gettext_lazy("Computes the hash of every published text again and compares it with the one kept then."),
)
def versions_fixed() -> Evidence:
    versions = list(Version.objects.prefetch_related("sentences"))
    changed = 0
    for version in versions:
        changed += hash_text(version.title, version.sentences.all()) != version.text_hash
    figure = _("%(versions)d versions, %(changed)d changed after publication") % {
        "versions": len(versions),
        "changed": changed,
    }
    return Evidence(bool(versions) and not changed, figure)


@probe(
    "material_notice",
    rows=("S2", "S104"),
    how=gettext_lazy(
        "Looks for material versions that took effect less than 14 days after they were published, or before people "
        "were told of them."
    ),
)
def material_notice() -> Evidence:
    now = timezone.now()
    later = Version.objects.filter(material=True, number__gt=1)
    in_force = [one for kind in Version.Kind.values if (one := find_version_in_force(kind, now))]
    sudden = later.filter(
        Q(effective_at__lt=F("published_at") + NOTICE) | Q(effective_at__lt=F("notified_at") + NOTICE - LATE_AFTER)
    ).count() + sum(one.waits_for_notices for one in in_force)
    figure = _("%(versions)d material versions, %(sudden)d with less notice") % {
        "versions": later.count(),
        "sudden": sudden,
    }
    return Evidence(not sudden, figure)


@probe(
    "every_sentence_checked",
    rows=("P1",),
    how=gettext_lazy("Reads the texts in force and looks for the check of each sentence, or why it needs none."),
)
def every_sentence_checked() -> Evidence:
    in_force = [find_version_in_force(kind) for kind in Version.Kind.values]
    sentences = [one for version in in_force if version for one in list_sentences(version)]
    checked = [one for one in sentences if one.probe in registry]
    loose = [one for one in sentences if one not in checked and (one.probe or not one.no_probe)]
    figure = _("%(sentences)d sentences: %(checked)d with a check, %(loose)d without one or a reason") % {
        "sentences": len(sentences),
        "checked": len(checked),
        "loose": len(loose),
    }
    return Evidence(bool(sentences) and not loose, figure)


build(
    "consent_receipts",
    rows=("P16",),
    how=gettext_lazy("Says yes, reads the receipt with the words and their hash, takes the yes back and looks again."),
)


build(
    "declared_cookies",
    rows=("S62", "S64", "S65", "S66"),
    how=gettext_lazy(
        "Reads every page in a real browser before a choice, after a no, after a yes and after taking it back, and "
        "compares what is kept and asked with the list."
    ),
)
build(
    "choice_obeyed",
    rows=("S63", "S64", "S66"),
    how=gettext_lazy(
        "Makes each cookie choice, also with Sec-GPC, with DNT and without cookies, and looks at what is allowed then."
    ),
)


@probe(
    "one_entity",
    rows=("S7",),
    how=gettext_lazy("Compares the one company on record with the company that the policy in force names."),
)
def one_entity() -> Evidence:
    entity, version = find_entity(), find_version_in_force(Version.Kind.POLICY)
    named = version.sentences.filter(ident="entity").first() if version else None
    heads = len(list_entities()) - LegalEntity.objects.filter(predecessor__isnull=False).count()
    wrong = bool(named and (entity is None or not named.text.startswith(entity.name))) + max(heads - 1, 0)
    figure = _("%(entities)d companies on record now, %(wrong)d named otherwise") % {
        "entities": int(entity is not None),
        "wrong": wrong,
    }
    return Evidence(not wrong, figure)


@probe(
    "takeover_told",
    rows=("S60", "S61"),
    how=gettext_lazy(
        "Looks for a change of the company that has no material version of the policy, whose people were not told, or "
        "after which an acceptance is gone from the record."
    ),
)
def takeover_told() -> Evidence:
    changes = [one for one in list_entities() if one.predecessor_id]
    binding = set(Version.objects.all().binding(timezone.now()).values_list("pk", flat=True))
    told = [one for one in changes if one.version and one.version.material]
    silent = len(changes) - len(told)
    silent += sum(one.version_id in binding and one.version.notified_at is None for one in told if one.version)
    figure = _("%(changes)d changes of the company, %(silent)d without a notice") % {
        "changes": len(changes),
        "silent": silent,
    }
    return Evidence(not silent, figure)


@probe(
    "frameworks_dated",
    rows=("S3",),
    how=gettext_lazy("Reads the page of the policy and looks for a membership that is over and is not shown as over."),
)
def frameworks_dated() -> Evidence:
    records = list_frameworks(timezone.now().date())
    page = look_at(reverse("policies:policy")).content.decode() if records else ""
    shown = {int(pk): state for pk, state in STATE.findall(page)}
    wrong = sum(shown.get(one.pk) != state for one, state in records)
    figure = _("%(records)d memberships on record, %(wrong)d shown otherwise") % {
        "records": len(records),
        "wrong": wrong,
    }
    return Evidence(not wrong, figure)


@probe(
    "time_machine",
    rows=("P12",),
    how=gettext_lazy("Asks for the policy and the terms of today and of the day of their first version, and compares."),
)
def time_machine() -> Evidence:
    now = timezone.now()
    asked = wrong = 0
    for kind in Version.Kind.values:
        first = Version.objects.all().in_force(kind, now).last()
        for day in {now.date(), first.effective_at.date()} if first else ():
            asked += 1
            expected = find_version_in_force(kind, end_of_day(day))
            page = look_at(reverse(f"policies:{kind}_on", args=[day])).content.decode()
            wrong += expected is None or expected.text_hash not in page
    figure = _("%(asked)d days asked for, %(wrong)d with another text") % {"asked": asked, "wrong": wrong}
    return Evidence(bool(asked) and not wrong, figure)


@probe(
    "changes_fed",
    rows=("S105",),
    how=gettext_lazy("Reads the feeds of changes and compares them with the versions that were published."),
)
def changes_fed() -> Evidence:
    missing = 0
    for kind in Version.Kind.values:
        feed = look_at(reverse(f"policies:{kind}_feed")).content.decode()
        numbers = [version.number for version in list_versions(kind)]
        missing += sum(reverse(f"policies:{kind}_diff", args=[one - 1, one]) not in feed for one in numbers)
    versions = Version.objects.count()
    figure = _("%(versions)d versions, %(missing)d missing in the feed") % {"versions": versions, "missing": missing}
    return Evidence(bool(versions) and not missing, figure)


@probe(
    "officer_holds_office",
    rows=("S8",),
    how=gettext_lazy(
        "Asks whether the privacy officer on record is active staff with that role and a second factor, and looks for "
        "the e-mail and the postal address on the page of the policy."
    ),
)
def officer_holds_office() -> Evidence:
    records = OfficerContact.objects.count()
    officer = find_officer()
    page = html.unescape(look_at(reverse("policies:policy")).content.decode()) if officer else ""
    void = int(bool(records) and (officer is None or officer.email not in page or officer.post not in page))
    figure = _("%(records)d contacts on record, %(void)d without an officer") % {"records": records, "void": void}
    return Evidence(not void, figure)


@probe(
    "principles_kept",
    rows=("S4",),
    how=gettext_lazy("Counts the seven principles and looks for one that no checked sentence puts into practice."),
)
def principles_kept() -> Evidence:
    version = find_version_in_force(Version.Kind.POLICY)
    found = list_principles(list_sentences(version)) if version else []
    empty = sum(not one.sentences for one in found)
    checks = len({sentence.probe for one in found for sentence in one.sentences})
    figure = _("%(found)d principles, %(checks)d checks, %(empty)d principles without one") % {
        "found": len(found),
        "checks": checks,
        "empty": empty,
    }
    return Evidence(len(found) == PRINCIPLES and not empty, figure)
