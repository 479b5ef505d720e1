"""An address is used for what it was given for; what leaves goes to a recipient whose record holds (P8, S51, S58)."""

import ast
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.scoping import account_scope
from audit.models import RecipientRecord
from core import egress
from core.mail import PurposeError, write_mail
from core.outbound import Address, Letter, RecipientStopped, check_recipient, registry
from core.personal_data import Purpose
from core.personal_data import registry as data_map
from operators.actions import read_import
from operators.models import ImportRow, Invitation
from operators.tests.sheets import sheet
from tests.architecture.code import python_files, tree_of
from tests.fences.needles import find_everywhere, make_word
from tests.fences.test_coverage import names_of

DOORS = ("egress.fetch", "check_recipient", "Disclosed")
# where an address is made -> for what the person gave it
GIVEN = {
    "accounts/outbound.py": {"ACCOUNT", "SERVICE"},
    "chat/window/letters.py": {"CHAT"},
    "forum/decision_mails.py": {"SUPPORT"},
    "forum/outbound.py": {"SUPPORT"},
    "notifications/outbound.py": {"SUPPORT", "MARKETING"},  # who wrote to us; who said yes to news
    "operators/outbound.py": {"INVITATION"},
    "privacy/case_mails.py": {"RIGHTS"},
    "privacy/outbound/yourdata.py": {"RIGHTS"},
    "reports/letters.py": {"SUMMARY"},
    "support/mails.py": {"SUPPORT"},
}
# who may stand in the ledger besides the declared recipients
BESIDES = {"authority": "whom a law names: each time two officers approve, and there is no agreement to review"}


# ---- purposes ----------------------------------------------------------------------------------------------------
def test_no_kind_of_mail_takes_an_address_that_was_given_for_something_else():
    assert len(registry.mail_kinds) > 30
    for kind in registry.mail_kinds.values():
        others = frozenset(Purpose) - {kind.purpose}
        with pytest.raises(PurposeError):
            write_mail(kind=kind, letter=Letter(Address("pat@specimen.example", others)), message_id="<1@x.example>")


def test_news_goes_only_to_addresses_that_were_given_for_news():
    kinds = [kind for kind in registry.mail_kinds.values() if kind.purpose is Purpose.MARKETING]
    assert kinds and all(kind.optional for kind in kinds)
    assert [path for path, purposes in GIVEN.items() if "MARKETING" in purposes] == ["notifications/outbound.py"]


def purposes_in(value: ast.expr, path: Path) -> set[str]:
    """The names of the purposes in `frozenset({Purpose.X})`, or in the constant of that name."""
    if isinstance(value, ast.Name):
        return {name for one in names_of(path).get(value.id, []) for name in purposes_in(one, path)}
    return {
        node.attr
        for node in ast.walk(value)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Purpose"
    }


def test_each_place_that_makes_an_address_says_for_what_it_was_given():
    found: dict[str, set[str]] = {}
    for path in python_files():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Address" and path.name != "promises.py":
                words = [one.value for one in node.keywords if one.arg == "purposes"] or node.args[1:2]
                local = dict(_locals(path))
                value = words[0]
                value = local.get(value.id, value) if isinstance(value, ast.Name) else value
                found.setdefault(str(path), set()).update(purposes_in(value, path))
    assert found == GIVEN, "a place that makes addresses belongs into GIVEN of tests/fences/test_purposes.py"


def _locals(path: Path) -> list[tuple[str, ast.expr]]:
    nodes = (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Assign) and len(node.targets) == 1)
    return [(node.targets[0].id, node.value) for node in nodes if isinstance(node.targets[0], ast.Name)]


@pytest.mark.django_db
def test_an_import_keeps_name_and_address_and_no_other_column(alice_member: Any, settings: Any, tmp_path: Path):
    settings.VAR, settings.MEDIA_ROOT, settings.FILES_ROOT = tmp_path, tmp_path / "media", tmp_path / "files"
    name, email, phone, born, pay = (make_word() for _ in range(5))
    rows = [["Name", "Telephone", "E-mail", "Born", "Salary"],
            [f"Pat {name}", phone, f"{email}@specimen.example", born, pay]]  # fmt: skip
    draft = read_import(account=alice_member.account, data=sheet(rows), by=alice_member)
    with account_scope(alice_member.account):
        [row] = ImportRow.objects.filter(draft=draft)
        assert (row.name, row.email) == (f"Pat {name}", f"{email}@specimen.example")
    found = find_everywhere()
    assert {word for word in (name, email, phone, born, pay) if word in found} == {name, email}
    assert found[name] == {"operators_importrow.name"} and found[email] == {"operators_importrow.email"}
    columns = {one.name for one in data_map.find(Invitation._meta.label).fields}
    assert columns == {"name", "email", "address_hash", "token_hash", "link_hash"}


# ---- recipients --------------------------------------------------------------------------------------------------
def test_whatever_leaves_names_a_declared_recipient():
    named = {name for entry in data_map for one in entry.fields for name in one.recipients}
    for path in python_files():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "egress.fetch",
                "check_recipient",
                "Disclosed",
            ):
                words = [one.value for one in node.keywords if one.arg in ("recipient", "recipient_key")] or node.args[
                    :1
                ]
                named |= {constant(words[0], path)} - {""}
    assert {"mail", "sign_in", "authority"} <= named
    assert named <= {*registry.recipients, *BESIDES}, "declare a Recipient in an outbound.py"


def constant(value: ast.expr, path: Path) -> str:
    """The text of a word or of a constant; "" for a name that the caller gave."""
    if isinstance(value, ast.Constant):
        return str(value.value)
    if isinstance(value, ast.Name) and value.id.isupper():
        places = [path] if value.id in names_of(path) else [one for one in python_files() if value.id in names_of(one)]
        return next(
            iter(str(one.value) for at in places for one in names_of(at)[value.id] if isinstance(one, ast.Constant))
        )
    return ""


@pytest.mark.django_db
def test_each_recipient_has_a_record_and_gets_nothing_once_its_review_is_overdue():
    today = timezone.now().date()
    assert set(registry.recipients) == set(RecipientRecord.objects.values_list("key", flat=True))
    for key, recipient in registry.recipients.items():
        check_recipient(key)
        RecipientRecord.objects.filter(key=key).update(review_on=today)
        check_recipient(key)  # the day of the review is still a good day
        RecipientRecord.objects.filter(key=key).update(review_on=today - timedelta(days=1))
        with pytest.raises(RecipientStopped, match="overdue"):
            check_recipient(key)
        host = next(iter(recipient.all_hosts()), "")
        if host:
            with pytest.raises(egress.EgressRefused, match="overdue"):
                egress.fetch(key, "GET", f"https://{host}/", purpose=recipient.purposes[0], subject="", categories=())
        assert recipient.purposes and str(recipient.receives), key
    stopped = set(registry.recipients)
    assert stopped >= {"mail", "mailbox", "sign_in"}
