"""The three pages of the spreadsheet import in the state of their mockups."""

from typing import Any

from operators.tests.sheets import HEAD, people, sheet

IMPORT_LATER = {
    "count": "the sidebar has no requests and no forum", "count-wait": "nobody waits while one looks",
    "dot": "the own state is shown in the console", "dot-on": "the own state is shown in the console",
}  # fmt: skip
IMPORT_PAGES = {"page": "a list has at most 100 rows and stands on one page", "pager": "as above"}


def draft_of(rows: list[Any]) -> Any:
    """A list that the demo's owner uploaded."""
    from operators import actions
    from tests.looks.team import team_owner

    owner = team_owner()
    membership = owner.memberships.select_related("account", "user").get()
    return actions.read_import(account=membership.account, data=sheet([HEAD, *rows]), by=membership), membership


WRONG = [
    ["Fay Sample", "fay@acme-bikes"], ["Ben Sample", "ben@acme-bikes.example"], ["", "hal@acme-bikes.example"],
    ["Ida Fixture", ""], ["https://x.example", "link@acme-bikes.example"], ["=1+1", "kai@acme-bikes.example"],
    ["A" * 170, "long@acme-bikes.example"], ["Colleague Number1", "colleague1@acme-bikes.example"],
    ["Lee Placeholder", "lee@acme-bikes.example"], ["Max Example", "max@gmail,com"],
]  # fmt: skip


def checked_list() -> str:
    """A list to be checked, with ready rows, wrong ones and one that is left out."""
    from operators import actions
    from operators.actions import RowChange

    draft, membership = draft_of([*people(12), *WRONG])
    actions.change_rows(draft=draft, by=membership, changes=[RowChange(5, left_out=True)])
    return f"/app/team/import/{draft.public_id}/"


def confirmed_list() -> str:
    """A list that was confirmed; what could not be invited needs a look."""
    from operators import actions
    from operators.models import Invitation

    Invitation.objects.with_scopes_disabled().filter(source="import").delete()  # each look invites the same people
    draft, membership = draft_of([*people(12), *WRONG])
    actions.confirm_import(draft=draft, by=membership)
    return f"/app/team/import/{draft.public_id}/result/"


def upload_an_old_file(page: Any) -> None:
    """Chooses a file of the old format and sends it; the sentence stands where the file was chosen."""
    old = {"name": "old-list.xls", "mimeType": "application/vnd.ms-excel", "buffer": OLD_XLS}
    page.set_input_files("input[type=file]", old)
    page.click("main form button[type=submit]")
    page.wait_for_selector('.file[data-state="error"]')


OLD_XLS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "Workbook".encode("utf-16-le").ljust(2048, b"\0")
