"""Promises about what the tables and forms hold: every field declared, no card, no place, no sale, who receives."""

import re
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import distributions
from typing import Any

from django import forms
from django.apps import apps
from django.conf import settings
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.queries import list_disclosed_purposes
from core.looking import look_at, own_files
from core.outbound import registry as outbound
from core.promises import Evidence, probe
from privacy.checks import PURPOSES, count_declared, every_field_is_declared, strange_purposes
from privacy.promises.pages import PAGES

GIVEN = 2000  # acts of giving data away that are looked at
CARD = re.compile(r"(^|_)(card|cardnumber|pan|cc|cvc|cvv|csc|credit)(_|\d|$)", re.IGNORECASE)
CARD_INPUT = re.compile(r"autocomplete=[\"']cc-|name=[\"'][\w-]*(card|cvc|cvv)", re.IGNORECASE)
PLACE = re.compile(
    r"(^|_)(lat|latitude|lng|lon|longitude|city|country|region|geo\w*|location|coordinates|postcode|zip)(_|$)",
    re.IGNORECASE,
)
GEO_PACKAGE = re.compile(r"geoip|maxmind|geolite|ip2location|ipinfo|ipapi|geocod|geopy|geojs", re.IGNORECASE)


@probe(
    "every_field_declared",
    rows=("P2",),
    how=gettext_lazy("Walks every column of every table, ours and others', and looks for its line in the data map."),
)
def every_field_declared() -> Evidence:
    faults = every_field_is_declared()
    models, personal, not_personal = count_declared()
    figure = _("%(personal)d personal fields in %(models)d tables, %(reasons)d others explained, %(faults)d open") % {
        "personal": personal,
        "models": models,
        "reasons": not_personal,
        "faults": len(faults),
    }
    return Evidence(not faults, figure)


@probe(
    "no_card_field",
    rows=("S12",),
    how=gettext_lazy("Looks for a card number in every form, every table and every page template."),
)
def no_card_field() -> Evidence:
    autodiscover_modules("forms")
    all_forms = set(list_forms())
    asked = [f"{form.__name__}.{name}" for form in all_forms for name in form.base_fields if CARD.search(name)]
    columns = [name for name in _columns() if CARD.search(name.rpartition(".")[2])]
    inputs = [path for path, text in own_files(".html", below="templates") if CARD_INPUT.search(text)]
    figure = _("%(forms)d forms, %(columns)d columns, %(found)d places for a card") % {
        "forms": len(all_forms),
        "columns": len(list(_columns())),
        "found": len(asked) + len(columns) + len(inputs),
    }
    return Evidence(not asked and not columns and not inputs, figure)


def list_forms(parent: type[forms.BaseForm] = forms.BaseForm) -> Iterator[Any]:
    """Every form that is imported, below `parent`."""
    for form in parent.__subclasses__():
        if hasattr(form, "base_fields"):
            yield form
        yield from list_forms(form)


def _columns() -> Iterator[str]:
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            yield f"{model._meta.label}.{field.name}"


@probe(
    "no_location",
    rows=("S40", "P17"),
    how=gettext_lazy(
        "Looks for a column or package that holds or derives a place, for a script that asks for one, and for the "
        "header that forbids it on our pages."
    ),
)
def no_location() -> Evidence:
    columns = [name for name in _columns() if PLACE.search(name.rpartition(".")[2])]
    packages = [one.name for one in distributions() if GEO_PACKAGE.search(one.name or "")]
    gis = [app for app in settings.INSTALLED_APPS if app.startswith("django.contrib.gis")]
    scripts = [path for path, text in own_files(".js", below="static") if "navigator.geolocation" in text]
    allowed = [path for path in PAGES if "geolocation=()" not in look_at(path).get("Permissions-Policy", "")]
    found = len(columns) + len(packages) + len(gis) + len(scripts)
    figure = _("%(found)d columns, packages or scripts; %(allowed)d of %(pages)d pages allow it") % {
        "found": found,
        "allowed": len(allowed),
        "pages": len(PAGES),
    }
    return Evidence(not found and not allowed, figure)


@probe(
    "no_sale",
    rows=("S51",),
    how=gettext_lazy(
        "Compares the purposes for which data is declared, received or was given away with the eleven that there are; "
        "selling is none of them."
    ),
)
def no_sale() -> Evidence:
    strange = strange_purposes()
    given = Counter(list_disclosed_purposes(GIVEN))
    sold = sum(times for purpose, times in given.items() if purpose not in PURPOSES)
    figure = _("%(purposes)d purposes, %(strange)d others declared; %(given)d acts of giving, %(sold)d for others") % {
        "purposes": len(PURPOSES),
        "strange": len(strange),
        "given": given.total(),
        "sold": sold,
    }
    return Evidence(not strange and not sold, figure)


@probe(
    "recipients_listed",
    rows=("S57", "S59"),
    how=gettext_lazy("Reads the public list as a stranger and looks in it for every recipient that the code declares."),
)
def recipients_listed() -> Evidence:
    page = look_at("/privacy/recipients/")
    text = page.content.decode()
    missing = [key for key in outbound.recipients if f">{key}<" not in text]
    figure = _("%(all)d recipients declared, %(missing)d missing from the list") % {
        "all": len(outbound.recipients),
        "missing": len(missing),
    }
    return Evidence(page.status_code == 200 and not missing, figure)
