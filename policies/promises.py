"""Promises that policies keep: versions never change, and every sentence that binds us is checked."""

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.promises import Evidence, build, probe, registry
from policies.actions import LATE_AFTER, NOTICE
from policies.models import Version
from policies.queries import find_version_in_force, list_sentences
from policies.source import hash_text


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
