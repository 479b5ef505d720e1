"""Who may be seen on the live board: the sentences that visitors are asked and told, and their consent (S28, P14)."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from chat.models import BoardReceipt


def ask_to_be_seen(company: str) -> str:
    """The question on the bubble where the board is on, in the language that is active."""
    return _("May %(company)s see which page you are on, to help you?") % {"company": company}


def with_consent(visitors: "QuerySet[Any]") -> "QuerySet[Any]":
    """Visitors with `is_listed`: whether a yes to being seen without a chat is in force."""
    given = BoardReceipt.objects.with_scopes_disabled()  # of each visitor's own account
    return visitors.annotate(is_listed=Exists(given.filter(visitor=OuterRef("pk"), withdrawn_at=None)))
