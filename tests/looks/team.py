"""The team, its groups and hours, invitations and the import."""

from collections.abc import Callable
from typing import Any

from tests.looks.imports import IMPORT_LATER, IMPORT_PAGES, checked_list, confirmed_list, upload_an_old_file
from tests.looks.look import Look, _leader


def team_owner() -> Any:
    """The owner of the demo company, with twelve colleagues and ten invitations."""
    from allauth.mfa.models import Authenticator

    from accounts.models import Membership
    from accounts.testing import make_member
    from operators.actions import ensure_operator, set_status
    from operators.testing import make_invitation

    leader = _leader()
    if Membership.objects.filter(account=leader.account).count() < 12:
        for number, word in enumerate(("away", "offline", "accepting") * 3):
            member = make_member(leader.account, name="Sky", surname=f"Mockup {number}")
            set_status(operator=ensure_operator(membership=member), status=word)
        Authenticator.objects.create(user=member.user, type=Authenticator.Type.TOTP, data={"secret": "of a test"})
        for _ in range(10):
            make_invitation(leader)
    return leader.user


def team_dialog(name: str) -> Callable[[], str]:
    """The team page with the dialog about a colleague open."""

    def path() -> str:
        from accounts.models import Membership

        colleague = Membership.objects.filter(account=_leader().account).exclude(role="owner").order_by("pk").first()
        assert colleague is not None
        return f"/app/team/people/{colleague.user.public_id}/{name}/"

    return path


def copy_a_link(page: Any) -> None:
    """Has a link made, which the page then shows."""
    page.locator("#pending details.menu summary").first.click()
    page.get_by_role("button", name="Make a link to copy").first.click()
    page.wait_for_selector("#copied")


def new_invitation() -> str:
    """The page of somebody who was just invited."""
    from operators.actions import copy_link
    from operators.testing import make_invitation

    leader = _leader()
    return f"/invitation/{copy_link(invitation=make_invitation(leader), by=leader)}/"


def grouped_owner() -> Any:
    """The owner of the demo company, with ten groups and opening hours."""
    from operators.actions import change_hours, make_group
    from operators.models import Group

    leader = _leader()
    if not Group.of(leader.account).filter(name="Branch 0").exists():
        for number in range(10):
            make_group(by=leader, name=f"Branch {number}", queue_limit=number)
        week = {"mon": [["09:00", "12:00"], ["13:00", "17:00"]], "fri": [["22:00", "02:00"]]}
        change_hours(by=leader, is_on=False, week=week, holidays=[{"date": "2026-12-25", "name": "Christmas"}])
    return leader.user


def enter_wrong_hours(page: Any) -> None:
    """Enters words where hours belong."""
    page.fill("[name=tue]", "nine to five")
    page.get_by_role("button", name="Save the opening hours").click()
    page.wait_for_selector(".error-summary")


TEAM: list[Look] = [
    Look("operators", "/app/operators/", user=grouped_owner, rows="#board tbody tr"),
    Look("team", "/app/team/", "team", user=team_owner, rows="#operators tbody tr",
         left_out={"btn-danger-solid": "removing is asked for on a page of its own: team-remove"}),
    Look("team-edit", team_dialog("edit"), user=team_owner, rows="#operators tbody tr"),
    Look("team-remove", team_dialog("remove"), user=team_owner, rows="#operators tbody tr"),
    Look("team-hand-over", team_dialog("hand-over"), user=team_owner, rows="#operators tbody tr"),
    Look("team-link", "/app/team/", user=team_owner, rows="#pending tbody tr", before=copy_a_link),
    Look("import-1-upload", "/app/team/import/", "import-1-upload", user=team_owner, before=upload_an_old_file,
         left_out=IMPORT_LATER),
    Look("import-2-preview", checked_list, "import-2-preview", user=team_owner, rows=".import-table tbody tr",
         left_out=IMPORT_LATER | IMPORT_PAGES),
    Look("import-2-problems", lambda: f"{checked_list()}?show=problems", user=team_owner),
    Look("import-3-result", confirmed_list, "import-3-result", user=team_owner, rows=".import .rows li",
         left_out=IMPORT_LATER),
    Look("invitation", new_invitation),
    Look("invitation-gone", "/invitation/wrong/", status=404),
    Look("address-remove", "/invitation/wrong/remove/"),
    Look("routing", "/app/settings/routing/", user=grouped_owner),
    Look("groups", "/app/settings/groups/", user=grouped_owner, rows="tbody tr"),
    Look("hours", "/app/settings/hours/", user=grouped_owner, before=enter_wrong_hours, status_after=400),
]  # fmt: skip
