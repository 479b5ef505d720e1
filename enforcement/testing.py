"""Builders for tests, through the app's own actions: cases at each step."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from enforcement.actions import add_evidence, give_notice, open_case, suspend
from enforcement.models import EnforcementCase


def make_noticed(by: Any, **about: Any) -> EnforcementCase:
    """A case (`account=` or `user=`) whose notice is out."""
    case = open_case(ground="terms", facts="Advertising in 40 chats.", by=by, **about)
    add_evidence(case=case, by=by, text="Buy now, 40 times.", file=("chats.txt", b"Buy now\n"))
    return give_notice(case=case, by=by, days=7)


def make_suspended(by: Any, **about: Any) -> EnforcementCase:
    """A case that ended in a suspension, after its time."""
    case = make_noticed(by, **about)
    EnforcementCase.objects.filter(pk=case.pk).update(answer_by=timezone.now() - timedelta(minutes=1))
    return suspend(case=case, by=by, decision="It went on after the notice.")
