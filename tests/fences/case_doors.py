"""Doors of privacy cases: a member's, a guest's links, the officers' queue, the account's queue of its visitors."""

from typing import Any

from policies.actions import record_dispute_body, record_doubt
from privacy.actions.cases import answer_case
from privacy.actions.children import report_child
from privacy.case_links import find_secret, make_confirm_token
from privacy.models.cases import Case
from privacy.testing import make_case, make_guest_case
from tests.fences.kinds import READ, Door, Kind, nothing
from tests.fences.world import World

GUEST = "needle-case@specimen.example"


def make_cases(world: Any) -> None:
    """Adds cases of alice, of a guest (one proved, one not) and of a visitor of her account."""
    world.dispute_body = record_dispute_body(name="Needle Panel", url="https://panel.example/", post="1 Middle Way")
    world.doubt = record_doubt(key="no_card_field", text="A form of an add-on asks for a card.")
    world.own_case = make_case(world.alice, text="Needle case")
    world.proved_case = make_guest_case(GUEST, text="Needle case of a guest")
    world.left_case = make_guest_case(GUEST, kind=Case.Kind.ERASURE)
    world.asked_case = make_guest_case(GUEST, kind=Case.Kind.OBJECTION, is_proved=False)
    world.child_report = report_child(place="chat", found="Needle of a child", email="needle-child@specimen.example")
    world.own_complaint = answered(make_case(world.alice, kind=Case.Kind.COMPLAINT, text="Needle complaint"))
    world.answered_complaint = answered(make_guest_case(GUEST, kind=Case.Kind.COMPLAINT))
    world.visitors_case = make_guest_case(GUEST, kind=Case.Kind.CORRECTION, account=world.acme)
    world.erasure_case = make_guest_case(GUEST, kind=Case.Kind.ERASURE, account=world.acme)


def answered(case: Any) -> Any:
    return answer_case(case=case, by=None, answer="Needle answer")


def wrong_secrets(case: Any) -> list[str]:
    secret = find_secret(case)
    turned = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    return [turned, case.secret_hash, case.label, str(case.public_id), "none"]


def wrong_tokens(world: World) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    token = make_confirm_token(world.asked_case)  # type: ignore[attr-defined]
    body, _, signature = token.rpartition(":")
    used = make_confirm_token(world.proved_case)  # type: ignore[attr-defined]
    tries = [f"{body}:{signature[::-1]}", body, used, str(world.asked_case.public_id)]  # type: ignore[attr-defined]
    return [({"token": one}, {"do": "confirm"}) for one in tries]


def page_of(name: str, **changes: Any) -> Door:
    return Door(
        Kind.SECRET,
        args=lambda world: {"secret": find_secret(getattr(world, name))},
        forge=lambda world: [({"secret": one}, {}) for one in wrong_secrets(getattr(world, name))],
        **changes,
    )


def number_of(name: str) -> Any:
    return lambda world: {"number": getattr(world, name).number}


def pause(world: World) -> dict[str, Any]:
    return {"do": "pause", "reason": "Which one?"}


CASES = {
    "privacy:cases": Door(Kind.PUBLIC, get=READ),
    "privacy:case_new": Door(
        Kind.PUBLIC, get=READ, post=lambda world: {"kind": "access", "email": "somebody@specimen.example", "text": "Hi"}
    ),
    "privacy:case_withdraw": Door(
        Kind.THING, args=lambda world: {"public_id": world.own_case.public_id}, post=nothing
    ),
    "privacy:case_confirm": Door(
        Kind.SECRET,
        args=lambda world: {"token": make_confirm_token(world.asked_case)},
        get=READ,
        post=lambda world: {"do": "confirm"},
        forge=wrong_tokens,
    ),
    "privacy:case_page": page_of("proved_case", get=READ),
    "privacy:case_page_withdraw": page_of("left_case", post=nothing),
    "privacy:case_disagree": Door(
        Kind.THING, args=lambda world: {"public_id": world.own_complaint.public_id}, post=nothing
    ),
    "privacy:case_file": Door(Kind.THING, args=lambda world: {"public_id": world.own_complaint.public_id}, get=READ),
    "privacy:case_page_disagree": page_of("answered_complaint", post=nothing),
    "privacy:case_page_file": page_of("answered_complaint", get=READ),
    "privacy:case_object": Door(Kind.PERSON, post=nothing, owner_gets=(404,), why="nobody takes over"),
    "privacy:child": Door(
        Kind.PUBLIC, get=READ, post=lambda world: {"place": "forum", "found": "A topic", "email": ""}
    ),
    "privacy:children": Door(Kind.OFFICER, get=READ, post=lambda world: {"do": "young", "who": world.eve.email}),
    "privacy:child_report": Door(
        Kind.OFFICER, args=lambda world: {"public_id": world.child_report.public_id}, get=READ,
        post=lambda world: {"do": "look", "who": world.alice.email},
    ),
    "privacy:queue": Door(Kind.OFFICER, get=READ),
    "privacy:queue_case": Door(Kind.OFFICER, args=number_of("proved_case"), get=READ, post=pause),
    "privacy:account_queue": Door(Kind.OWN, get=READ),
    "privacy:account_case": Door(Kind.THING, args=number_of("visitors_case"), get=READ, post=pause),
    "privacy:visitor_case": Door(
        Kind.THING,
        args=lambda world: {"public_id": world.dave.public_id},
        get=READ,
        post=lambda world: {"kind": "access", "text": "Needle of an operator"},
    ),
}  # fmt: skip
