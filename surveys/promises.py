"""Promises that surveys keep: answers without names, names that can be taken back, an end to keeping."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.scoping import scopes_disabled
from core.promises import Evidence, build, probe
from surveys.models import Answer, MemberContact, MemberMark, Sheet, VisitorContact, VisitorMark
from surveys.personal_data import old_sheets

NAMELESS = (Sheet, Answer, MemberMark, VisitorMark)  # what holds the answers, and who is not asked again
PEOPLE = {"accounts.User", "chat.Visitor", "chat.Chat", "operators.Operator"}
MOMENTS = {"DateTimeField", "TimeField"}
GRACE = timedelta(days=2)  # the nightly job may miss a night


@probe(
    "survey_answers_nameless",
    rows=("S71",),
    how=gettext_lazy("Looks in the tables of answers for a key to a person and for a moment that would give one away."),
)
def survey_answers_nameless() -> Evidence:
    found = [
        f"{model.__name__}.{field.name}"
        for model in NAMELESS
        for field in model._meta.concrete_fields
        if field.get_internal_type() in MOMENTS
        or (model in (Sheet, Answer) and field.is_relation and field.related_model._meta.label in PEOPLE)  # type: ignore[union-attr]  # a relation has a model
    ]
    with scopes_disabled():  # counts over the whole site, no content is read
        sheets = Sheet.objects.count()
        named = VisitorContact.objects.count() + MemberContact.objects.count()
    figure = _("%(found)d such columns; %(sheets)d sheets, %(named)d with a name that somebody gave") % {
        "found": len(found), "sheets": sheets, "named": named,
    }  # fmt: skip
    return Evidence(not found, figure)


@probe(
    "survey_sheets_end",
    rows=("S70", "P17"),
    how=gettext_lazy("Looks for filled-in surveys that are kept longer than 400 days."),
)
def survey_sheets_end() -> Evidence:
    with scopes_disabled():  # counts over the whole site, no content is read
        late, sheets = old_sheets(timezone.now() - GRACE).count(), Sheet.objects.count()
    return Evidence(not late, _("%(late)d of %(sheets)d sheets over their time") % {"late": late, "sheets": sheets})


build(
    "survey_no_thanks",
    rows=("S71", "P16"),
    how=gettext_lazy("Says no to a survey and is not asked again; gives a name, takes it back, looks for the rest."),
)
build(
    "surveys_whole",
    rows=("S70",),
    how=gettext_lazy("Builds a survey, asks it, reads its results and downloads them."),
)
