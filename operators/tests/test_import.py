import json
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
import time_machine as clock
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, Membership, User
from core.errors import Refused
from operators import actions, queries
from operators.actions import RowChange
from operators.imports import count_codes, list_verdicts
from operators.models import ImportDraft, ImportRow, Invitation
from operators.spreadsheet.sentences import ImportProblem
from operators.tests.sheets import HEAD, people, sheet, staff, staff_with_seven_wrong
from outbox.models import Delivery

pytestmark = pytest.mark.django_db
API = "/api/v1/operators/imports/"
WRONG = {
    11: "invalid_email", 21: "missing_name", 31: "missing_email", 41: "formula", 51: "invalid_name",
    61: "name_too_long", 71: "duplicate_in_file",
}  # fmt: skip


def upload(data: bytes, name: str = "staff.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def read(by: Membership, data: bytes, name: str = "") -> ImportDraft:
    return actions.read_import(account=by.account, data=data, by=by, name=name)


def codes(draft: ImportDraft) -> dict[int, str]:
    return {row.number: row.code for row in queries.list_import_rows(draft)}


def invited(account: Account) -> int:
    return Invitation.of(account).count()


# ---- Reading ----
def test_reading_a_list_invites_nobody(alice_member: Membership) -> None:
    draft = read(alice_member, staff(3))
    assert codes(draft) == {2: "created", 3: "created", 4: "created"}
    assert invited(alice_member.account) == 0
    assert Delivery.objects.count() == 0


def test_each_wrong_row_says_what_is_wrong_with_it(alice_member: Membership) -> None:
    draft = read(alice_member, staff_with_seven_wrong())
    assert {number: code for number, code in codes(draft).items() if code != "created"} == WRONG
    sentences = {one.row: one for one in list_verdicts(draft, queries.list_import_rows(draft))}
    assert sentences[11].suggestion == "fay@acme-bikes.example"
    assert "did you mean fay@acme-bikes.example" in sentences[11].message
    assert "row 2" in sentences[71].message
    assert sentences[71].verdict == "skip" and sentences[2].verdict == "invite"


@pytest.mark.promise("import_cap")
def test_101_people_are_nobody(alice_member: Membership) -> None:
    with pytest.raises(ImportProblem, match="too_many_rows"):
        read(alice_member, staff(101))
    assert not ImportDraft.of(alice_member.account).exists()


def test_the_cap_counts_before_doubles_are_found(alice_member: Membership) -> None:
    with pytest.raises(ImportProblem, match="too_many_rows"):
        read(alice_member, sheet([HEAD, *[["One Person", "one@acme-bikes.example"]] * 101]))


def test_team_invited_and_removed_addresses_are_skipped(alice_member: Membership, bob_member: Membership) -> None:
    from notifications.actions import suppress_address
    from notifications.models import Suppression

    actions.invite_operators(
        account=alice_member.account, rows=[actions_row("Ida", "ida@acme-bikes.example")], by=alice_member
    )
    suppress_address(email="gone@acme-bikes.example", purpose="invitation", reason=Suppression.Reason.REMOVED)
    rows = [["Bob", "BOB@acme-bikes.example"], ["Ida", "ida+x@acme-bikes.example"], ["Gone", "gone@acme-bikes.example"]]
    assert list(codes(read(alice_member, sheet([HEAD, *rows]))).values()) == [
        "already_operator",
        "already_invited",
        "not_invited",
    ]


def actions_row(name: str, email: str) -> Any:
    from operators.invites import NewInvite

    return NewInvite(name, email)


def test_an_operator_may_not_read_a_list(bob_member: Membership) -> None:
    with pytest.raises(Refused, match="not_found"):
        read(bob_member, staff(1))


# ---- Changing and confirming ----
def test_seven_wrong_two_corrected_95_are_invited(alice_member: Membership) -> None:
    draft = read(alice_member, staff_with_seven_wrong())
    changes = [RowChange(11, email="fay@acme-bikes.example"), RowChange(21, name="Nora Sample")]
    actions.change_rows(draft=draft, by=alice_member, changes=changes)
    counts = actions.confirm_import(draft=draft, by=alice_member)
    assert (counts.rows, counts.created, counts.skipped, counts.refused) == (100, 95, 1, 4)
    assert counts.created + counts.skipped + counts.refused == counts.rows
    assert invited(alice_member.account) == 95
    assert Delivery.objects.filter(kind="operator_invite").count() == 95
    assert set(Invitation.of(alice_member.account).values_list("source", flat=True)) == {"import"}


def test_confirmed_twice_changes_nothing(alice_member: Membership) -> None:
    draft = read(alice_member, staff(3))
    first = actions.confirm_import(draft=draft, by=alice_member)
    assert actions.confirm_import(draft=draft, by=alice_member) == first
    assert invited(alice_member.account) == 3
    assert Delivery.objects.filter(kind="operator_invite").count() == 3
    with pytest.raises(Refused, match="confirmed"):
        actions.change_rows(draft=draft, by=alice_member, changes=[RowChange(2, name="Other")])


def test_who_was_invited_meanwhile_is_skipped_and_counts_add_up(alice_member: Membership) -> None:
    draft = read(alice_member, staff(3))
    row = actions_row("Somebody", "colleague2@acme-bikes.example")
    actions.invite_operators(account=alice_member.account, rows=[row], by=alice_member)
    counts = actions.confirm_import(draft=draft, by=alice_member)
    assert (counts.created, counts.skipped, counts.refused) == (2, 1, 0)
    assert codes(draft)[3] == "already_invited"


def test_a_row_left_out_is_not_invited_and_can_come_back(alice_member: Membership) -> None:
    draft = read(alice_member, staff(2))
    actions.change_rows(draft=draft, by=alice_member, changes=[RowChange(2, left_out=True)])
    assert codes(draft) == {2: "left_out", 3: "created"}
    actions.change_rows(draft=draft, by=alice_member, changes=[RowChange(2, left_out=False)])
    actions.change_rows(draft=draft, by=alice_member, changes=[RowChange(3, left_out=True)])
    counts = actions.confirm_import(draft=draft, by=alice_member)
    assert (counts.created, counts.skipped) == (1, 1)
    assert [one.email for one in Invitation.of(alice_member.account)] == ["colleague1@acme-bikes.example"]


def test_leaving_out_the_first_of_two_frees_the_second(alice_member: Membership) -> None:
    draft = read(alice_member, sheet([HEAD, ["A B", "x@acme-bikes.example"], ["C D", "X@acme-bikes.example"]]))
    assert codes(draft) == {2: "created", 3: "duplicate_in_file"}
    actions.change_rows(draft=draft, by=alice_member, changes=[RowChange(2, left_out=True)])
    assert codes(draft) == {2: "left_out", 3: "created"}


def test_roles_are_chosen_for_all_or_row_by_row(alice_member: Membership) -> None:
    draft = read(alice_member, staff(3))
    actions.choose_role(draft=draft, by=alice_member, role="admin")
    actions.change_rows(draft=draft, by=alice_member, changes=[RowChange(3, role="operator")])
    actions.confirm_import(draft=draft, by=alice_member)
    rows = Invitation.of(alice_member.account).order_by("pk").values_list("role", flat=True)
    assert list(rows) == ["admin", "operator", "admin"]
    with pytest.raises(Refused, match="bad_role|confirmed"):
        actions.choose_role(draft=read(alice_member, staff(1)), by=alice_member, role="owner")


def test_a_list_in_which_nobody_can_be_invited_is_not_confirmed(alice_member: Membership) -> None:
    draft = read(alice_member, sheet([HEAD, ["", "a@acme-bikes.example"]]))
    with pytest.raises(Refused, match="nobody"):
        actions.confirm_import(draft=draft, by=alice_member)
    assert draft.state == ImportDraft.State.PREVIEW


def test_another_account_finds_no_list(alice_member: Membership, carol_member: Membership) -> None:
    draft = read(alice_member, staff(1))
    with pytest.raises(Refused, match="not_found"):
        queries.find_import_for(carol_member, draft.public_id)
    with pytest.raises(Refused, match="not_found"):
        actions.confirm_import(draft=draft, by=carol_member)


def test_a_list_lives_an_hour(alice_member: Membership) -> None:
    kept, confirmed = read(alice_member, staff(1)), read(alice_member, sheet([HEAD, ["Z", "z@acme-bikes.example"]]))
    start = timezone.now()
    with clock.travel(start + timedelta(minutes=50), tick=True):
        actions.confirm_import(draft=confirmed, by=alice_member)
        assert actions.forget_imports() == 0
    with clock.travel(start + timedelta(minutes=61), tick=True):
        with pytest.raises(Refused, match="not_found"):
            queries.find_import_for(alice_member, kept.public_id)
        assert actions.forget_imports() == 1
        assert queries.find_import_for(alice_member, confirmed.public_id)
    with clock.travel(start + timedelta(minutes=111), tick=True):
        assert actions.forget_imports() == 1
    assert ImportRow.of(alice_member.account).count() == 0
    assert invited(alice_member.account) == 1


# ---- G16: as many statements for 1 row as for 100 ----
@pytest.mark.promise("import_cap")
def test_100_people_are_read(alice_member: Membership) -> None:
    assert len(codes(read(alice_member, staff(100)))) == 100


@pytest.mark.parametrize("count", [1, 100])
def test_statements_of_an_import_do_not_grow(alice_member: Membership, count: int) -> None:
    data = staff(count)
    with CaptureQueriesContext(connection) as reading:
        draft = read(alice_member, data)
    with CaptureQueriesContext(connection) as confirming:
        actions.confirm_import(draft=draft, by=alice_member)
    assert (statements(reading), statements(confirming)) == (READ_STATEMENTS, CONFIRM_STATEMENTS)


READ_STATEMENTS, CONFIRM_STATEMENTS = 3, 10  # G16: at most 10


def statements(seen: CaptureQueriesContext) -> int:
    """Statements that read or write; the words around a transaction are none."""
    frame = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
    found = [one["sql"] for one in seen.captured_queries if not one["sql"].lstrip().upper().startswith(frame)]
    return len(found)


# ---- Pages ----
@pytest.fixture
def browser_of_alice(client_of: Any, alice: User) -> Client:
    browser: Client = client_of(alice)
    return browser


def test_upload_check_and_invite_by_pages(browser_of_alice: Client, alice_member: Membership) -> None:
    response = browser_of_alice.post("/app/team/import/", {"file": upload(staff_with_seven_wrong())})
    assert response.status_code == 302
    preview = response["Location"]
    page = browser_of_alice.get(preview).content.decode()
    assert "93 of 100 people can be invited." in page and "Invite 93 people" in page
    draft = ImportDraft.of(alice_member.account).get()
    rows = [str(row.number) for row in queries.list_import_rows(draft)]
    ready = [number for number, code in codes(draft).items() if code == "created"]
    given = {
        "do": "use:11", "row": rows, "ready": ready, "invite": ready, "expected": "93",
        "name-11": "Fay Sample", "email-11": "fay@acme-bikes", "name-21": "Nora Sample",
        "email-21": "noname@acme-bikes.example",
    }  # fmt: skip
    browser_of_alice.post(preview, given)
    assert {number: code for number, code in codes(draft).items() if code != "created"}.keys() == {31, 41, 51, 61, 71}
    page = browser_of_alice.get(preview).content.decode()
    assert "Invite 95 people" in page
    ready = [number for number, code in codes(draft).items() if code == "created"]
    response = browser_of_alice.post(
        preview, {"do": "invite", "row": rows, "ready": ready, "invite": ready, "expected": "95"}
    )
    assert response["Location"].endswith("/result/")
    assert invited(alice_member.account) == 95
    page = browser_of_alice.get(response["Location"]).content.decode()
    assert "95 invites are on their way" in page
    assert browser_of_alice.get(preview)["Location"].endswith("/result/")


def test_a_button_with_an_old_number_invites_nobody(browser_of_alice: Client, alice_member: Membership) -> None:
    preview = browser_of_alice.post("/app/team/import/", {"file": upload(staff(3))})["Location"]
    given = {"do": "invite", "row": ["2", "3", "4"], "ready": ["2", "3", "4"], "invite": ["2"], "expected": "3"}
    response = browser_of_alice.post(preview, given, follow=True)
    assert "Now 1 person can be invited." in response.content.decode()
    assert invited(alice_member.account) == 0


def test_a_refused_file_is_named_with_its_sentence(browser_of_alice: Client) -> None:
    response = browser_of_alice.post("/app/team/import/", {"file": upload(b"Name;E-mail\nA;a@b.example\n", "old.csv")})
    page = response.content.decode()
    assert "<strong>old.csv</strong>" in page and "This is a text table (.csv)" in page and "<title>Error:" in page
    assert "This file is empty" in browser_of_alice.post("/app/team/import/").content.decode()


def test_an_operator_has_no_import(client_of: Any, bob: User, alice_member: Membership) -> None:
    draft = read(alice_member, staff(1))
    for path in ("/app/team/import/", f"/app/team/import/{draft.public_id}/", "/app/team/import/template/"):
        assert client_of(bob).get(path).status_code == 404


def test_the_template_can_be_filled_in_and_read_back(browser_of_alice: Client, alice_member: Membership) -> None:
    book = openpyxl.load_workbook(BytesIO(browser_of_alice.get("/app/team/import/template/").content))
    book.active.append(["Ida Fixture", "ida@acme-bikes.example"])
    out = BytesIO()
    book.save(out)
    assert codes(read(alice_member, out.getvalue())) == {2: "created"}


def test_the_verdict_sheet_holds_texts_only(browser_of_alice: Client, alice_member: Membership) -> None:
    draft = read(alice_member, sheet([HEAD, ["+1+1", "=HYPERLINK(1)"], ["@SUM(A1)", "a@acme-bikes.example"]]))
    actions.change_rows(draft=draft, by=alice_member, changes=[RowChange(2, name="=1+1", email="=cmd()")])
    found = browser_of_alice.get(f"/app/team/import/{draft.public_id}/verdicts/")
    page = openpyxl.load_workbook(BytesIO(found.content)).active
    assert page["B2"].value == "=1+1" and page["B2"].data_type == "s"
    assert {cell.data_type for row in page.iter_rows() for cell in row if cell.value is not None} <= {"s", "n"}


# ---- The file is kept nowhere ----
def test_no_file_is_left_and_nothing_but_name_and_email(
    browser_of_alice: Client, alice_member: Membership, settings: Any, tmp_path: Any, monkeypatch: Any
) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    before = {path for path in settings.VAR.rglob("*") if path.is_file()}
    head = ["Name", "E-mail", "Phone", "Salary"]
    data = sheet([head, ["Ida Fixture", "ida@acme-bikes.example", "+48 600 100 200", "needle-of-the-salary"]])
    big = data + b"\0" * 0
    browser_of_alice.post("/app/team/import/", {"file": upload(big, "payroll-needle.xlsx")})
    assert list(tmp_path.iterdir()) == []
    assert {path for path in settings.VAR.rglob("*") if path.is_file() and "sqlite3" not in path.name} <= before
    row = ImportRow.of(alice_member.account).get()
    stored = {field.name: str(getattr(row, field.name)) for field in ImportRow._meta.concrete_fields}
    assert {name for name, value in stored.items() if "needle" in value or "600" in value} == set()
    draft = ImportDraft.of(alice_member.account).get()
    assert "needle" not in str([getattr(draft, field.attname) for field in ImportDraft._meta.concrete_fields])


def test_a_file_over_the_cap_is_told_and_not_kept(browser_of_alice: Client) -> None:
    response = browser_of_alice.post("/app/team/import/", {"file": upload(b"PK\x03\x04" + b"x" * (11 << 20))})
    assert "larger than 10 MB" in response.content.decode()


# ---- API and command ----
def test_the_api_reads_shows_and_confirms(browser_of_alice: Client, alice_member: Membership) -> None:
    response = browser_of_alice.post(API, {"file": upload(staff_with_seven_wrong(), "anything.bin")})
    assert response.status_code == 201
    found = response.json()
    assert set(found) == {"id", "state", "counts", "rows"}
    assert found["state"] == "preview"
    assert found["counts"] == {"rows": 100, "created": 93, "skipped": 1, "refused": 6}
    assert set(found["rows"][0]) == {"row", "name", "email", "verdict", "code", "message"}
    assert {row["row"]: row["code"] for row in found["rows"] if row["verdict"] == "skip"} == WRONG
    assert browser_of_alice.get(f"{API}{found['id']}/").json() == found
    confirmed = browser_of_alice.post(f"{API}{found['id']}/confirm/")
    assert confirmed.status_code == 200
    assert confirmed.json()["state"] == "confirmed" and confirmed.json()["counts"] == found["counts"]
    assert invited(alice_member.account) == 93
    assert browser_of_alice.post(f"{API}{found['id']}/confirm/").json() == confirmed.json()


def test_the_api_refuses_files_by_code(browser_of_alice: Client) -> None:
    for data, code, status in [(b"", "empty_file", 400), (b"hello there", "not_a_spreadsheet", 400)]:
        response = browser_of_alice.post(API, {"file": upload(data)})
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert set(response.json()) == {"code", "message"}
    assert browser_of_alice.post(API).json()["code"] == "empty_file"


def test_an_api_key_needs_the_scope(alice_member: Membership) -> None:
    from accounts.actions import create_api_key
    from accounts.scoping import account_scope

    with account_scope(alice_member.account):
        _key, secret = create_api_key(membership=alice_member, name="Importer", scopes=["team.edit"])
        _other, narrow = create_api_key(membership=alice_member, name="Reader", scopes=["profile.read"])
    sent = {"data": {"file": upload(staff(2))}, "headers": {"Authorization": f"Bearer {secret}"}}
    found = Client().post(API, **sent)
    assert found.status_code == 201
    where = f"{API}{found.json()['id']}/confirm/"
    refused = Client().post(where, headers={"Authorization": f"Bearer {narrow}"})
    assert (refused.status_code, refused.json()["code"]) == (403, "no_scope")
    assert Client().post(where, headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert invited(alice_member.account) == 2


def test_a_session_needs_its_csrf_token(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    for path in (API, "/app/team/import/"):
        assert browser.post(path, {"file": upload(staff(1))}).status_code == 403


def test_the_api_knows_no_list_of_others(client_of: Any, carol: User, bob: User, alice_member: Membership) -> None:
    draft = read(alice_member, staff(1))
    for who in (carol, bob):
        assert client_of(who).get(f"{API}{draft.public_id}/").status_code == 404
        assert client_of(who).post(f"{API}{draft.public_id}/confirm/").status_code == 404
    assert Client().get(f"{API}{draft.public_id}/").status_code == 401
    assert invited(alice_member.account) == 0


def run(*words: str) -> tuple[int, dict[str, Any]]:
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("import_operators", *words, "--json", stdout=out)
    return int(end.value.code or 0), json.loads(out.getvalue())


def test_the_command_reads_and_confirms(alice_member: Membership, tmp_path: Any) -> None:
    good, partly = tmp_path / "good.xlsx", tmp_path / "partly.xlsx"
    good.write_bytes(staff(2))
    partly.write_bytes(staff_with_seven_wrong())
    slug = alice_member.account.slug
    status, found = run(str(good), "--account", slug)
    assert (status, found["state"], found["counts"]["created"]) == (0, "preview", 2)
    assert invited(alice_member.account) == 0
    status, found = run(str(partly), "--account", slug, "--confirm")
    assert (status, found["state"], found["counts"]["created"]) == (1, "confirmed", 93)
    assert invited(alice_member.account) == 93


def test_the_command_refuses_with_status_2(alice_member: Membership, tmp_path: Any) -> None:
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(staff(101))
    status, found = run(str(bad), "--account", alice_member.account.slug, "--confirm")
    assert (status, found["code"]) == (2, "too_many_rows")
    status, found = run(str(tmp_path / "none.xlsx"), "--account", alice_member.account.slug)
    assert status == 2 and "none.xlsx" not in found["message"]
    assert run(str(bad), "--account", "nobody")[0] == 2


def test_counts_are_one_of_three(alice_member: Membership) -> None:
    counts = count_codes([str(code) for code in ImportRow.Code])
    assert counts.created + counts.skipped + counts.refused == counts.rows == len(ImportRow.Code)
    assert people(1)
