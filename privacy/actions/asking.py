"""A known person without a log-in asks: each who decides about a part of the data gets a case of their own (P7)."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Refused
from privacy.actions.cases import open_case
from privacy.models import Case
from privacy.persons import Person, find_own_visitor, list_controllers


@transaction.atomic
def ask_as_known(*, person: Person, how: str, kind: str, text: str, language: str) -> list[Case]:
    """Opens the cases of a person who proved a chat ("chat") or an address ("code"); their clocks start now.

    A company answers for its visitors, we for the rest. Raises Refused as `open_case`.
    """
    cases = []
    for account, part in list_controllers(person):
        case = open_case(
            kind=kind, channel=Case.Channel.PAGE, person=part, account=account, email=part.email, text=text,
            language=language, how=how,
        )  # fmt: skip
        cases.append(case)
    return cases


@transaction.atomic
def ask_for_visitor(*, account: Any, public_id: Any, kind: str, text: str, by: Any) -> Case:
    """An operator opens a case for a visitor of the account, who said so in the chat or on the telephone.

    Raises Refused `not_found` for a visitor of another account, else as `open_case`.
    """
    part = find_own_visitor(account, public_id)
    if not text.strip():
        raise Refused("text", _("Write what the visitor asks."))
    return open_case(
        kind=kind, channel=Case.Channel.OPERATOR, person=part, account=account, email=part.email, text=text, by=by
    )
