"""The placeholders of saved replies: {name}, {number}, {subject}, {agent}, {site}; {name|there} says what else."""

import re

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Refused
from support.models import SupportRequest

PLACEHOLDER = re.compile(r"\{\s*([a-z]+)\s*(?:\|([^{}]*))?\}")
PLACEHOLDERS = {
    "name": gettext_lazy("The requester's name; “there” where none was given"),
    "number": gettext_lazy("The number of the request"),
    "subject": gettext_lazy("Its subject"),
    "agent": gettext_lazy("Your own name"),
    "site": gettext_lazy("The name of this site"),
}


def check_placeholders(text: str) -> None:
    """Raises Refused `bad_placeholder` for one that is not known; other braces are plain text."""
    for name, _fallback in PLACEHOLDER.findall(text):
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            sentence = _("{%(name)s} is not known. Use one of these: %(known)s.")
            raise Refused("bad_placeholder", sentence % {"name": name, "known": known})


def fill(text: str, *, request: SupportRequest, agent_name: str) -> str:
    """The text with each placeholder replaced, else by what stands behind its bar. Values are put in once."""
    values = {
        "name": request.name, "number": str(request.number), "subject": request.subject, "agent": agent_name,
        "site": str(settings.SITE_NAME),
    }  # fmt: skip

    def put(found: re.Match[str]) -> str:
        name, fallback = found.group(1), found.group(2)
        if name not in PLACEHOLDERS:
            return found.group(0)
        return values[name] or (fallback.strip() if fallback is not None else _("there") if name == "name" else "")

    return PLACEHOLDER.sub(put, text)
