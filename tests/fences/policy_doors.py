"""Doors of the promises' history, the time machine and the records of who we are."""

from tests.fences.kinds import READ, Door, Kind, nothing

POLICY: dict[str, Door] = {
    "policies:principles": Door(Kind.PUBLIC, get=READ),
    "privacy:promises_badge": Door(Kind.PUBLIC, get=READ),
    "privacy:promises_history": Door(Kind.PUBLIC, get=READ),
    "privacy:promises_history_of": Door(Kind.PUBLIC, args=lambda world: {"key": "no_card_field"}, get=READ),
    "privacy:promises_run": Door(Kind.STAFF, post=nothing),
    "privacy:policy_who_accepted": Door(
        Kind.OFFICER, get=READ, post=lambda world: {"email": world.alice.email, "day": "2099-01-01"}
    ),
}
for _kind in ("policy", "terms"):
    POLICY |= {
        f"policies:{_kind}_on": Door(Kind.PUBLIC, args=lambda world: {"day": "2099-01-01"}, get=READ),
        f"policies:{_kind}_choose_day": Door(Kind.PUBLIC, get={"day": "2099-01-01"}),
        f"policies:{_kind}_feed": Door(Kind.PUBLIC, get=READ),
    }
