"""Each live probe holds on a working site, fast and read-only, and turns red when the product is broken on purpose."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django import forms
from django.db import models
from django.utils import timezone

from accounts.models import Account, User
from accounts.scoping import account_scope
from audit.actions import record, write_disclosures
from audit.models import Entry
from chat.models import Visitor
from core.outbound import Disclosed
from core.personal_data import Purpose
from core.promises import Outcome, ProbeKind, Result, registry, run_probe
from notifications.actions import set_preference
from notifications.models import Preference
from policies.models import Acceptance, Sentence, Version
from tests.promises.conftest import make_sent

LIVE = [probe.key for probe in registry if probe.kind is ProbeKind.LIVE]
Watch = Callable[[str], Any]


@pytest.mark.parametrize("key", LIVE)
def test_it_holds_on_a_working_site_within_two_seconds(site: None, key: str):
    result = run_probe(registry.find(key))
    assert result.outcome is Outcome.KEPT, result.figure
    assert result.took_ms < 2000
    assert any(sign.isdigit() for sign in result.figure) or key == "tls"


@pytest.mark.django_db(transaction=True)
def test_a_probe_that_writes_is_broken():
    from dataclasses import replace

    def write() -> Any:
        User.objects.create(email="x@specimen.example", name="X")

    result: Result = run_probe(replace(registry.find("tls"), run=write))
    assert (result.outcome, result.figure) == (Outcome.BROKEN, "the check failed: ProbeWrote")
    assert not User.objects.exists()


# ---- who may come in ----------------------------------------------------------------------------------
def test_a_page_of_members_without_the_check(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from accounts import doors

    with turns_red("allow_list"):
        monkeypatch.setattr(doors, "_keep_out", lambda request: None)


def test_a_list_that_lets_everybody_in(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from accounts import queries

    with turns_red("allow_list"):
        monkeypatch.setattr(queries, "may_come_in", lambda account, address: True)


def test_a_page_of_members_without_a_guard(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from django.urls import get_resolver, path

    with turns_red("allow_list"):
        patterns = [*get_resolver().url_patterns, path("app/new/", lambda request: None)]
        monkeypatch.setattr(get_resolver(), "url_patterns", patterns)


# ---- accounts ---------------------------------------------------------------------------------------
def test_a_phone_field_at_sign_up(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from accounts import forms as sign_up

    asked = sign_up.company_fields
    with turns_red("signup_fields"):
        monkeypatch.setattr(
            sign_up, "company_fields", lambda: asked() | {"phone": forms.CharField(help_text="To call")}
        )


def test_a_field_that_does_not_say_why(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from accounts import forms as sign_up

    with turns_red("signup_fields"):
        monkeypatch.setattr(sign_up, "explain", lambda *args: None)


def test_a_member_without_acceptance(site: None, turns_red: Watch):
    with turns_red("acceptance_stored"):
        Acceptance.objects.filter(version__kind="terms").delete()


def test_an_acceptance_of_another_text(site: None, turns_red: Watch):
    with turns_red("acceptance_stored"):
        Acceptance.objects.update(text_hash="0" * 64)


def test_a_trial_cut_short(site: None, turns_red: Watch):
    with turns_red("trial_clock"):
        Account.objects.update(trial_ends_at=timezone.now() + timedelta(days=9))


def test_a_trial_that_never_ends(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    with turns_red("trial_clock"):
        monkeypatch.setattr(Account, "is_read_only", lambda self, now=None: False)


def test_a_password_in_another_form(site: None, turns_red: Watch):
    with turns_red("passwords_hashed"):
        User.objects.update(password="a bicycle for two people")


def test_a_table_without_the_wall(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    unguarded = models.Manager()
    unguarded.model = Visitor
    with turns_red("tenant_wall"):
        monkeypatch.setattr(Visitor, "objects", unguarded)


def test_a_log_in_kept_too_long(site: None, owner: User, turns_red: Watch):
    with turns_red("log_ins_end"):
        UserSession.objects.create(user=owner, ip="203.0.113.24", session_key="k", user_agent="Firefox")
        UserSession.objects.update(created_at=timezone.now() - timedelta(days=40))


def test_who_left_is_still_there_after_the_date(site: None, owner: User, turns_red: Watch):
    with turns_red("left_is_erased"):
        User.objects.filter(pk=owner.pk).update(is_active=False, erase_at=timezone.now() - timedelta(days=3))


def test_an_account_that_was_closed_is_still_there(site: None, company: Account, turns_red: Watch):
    with turns_red("left_is_erased"):
        Account.objects.filter(pk=company.pk).update(erase_at=timezone.now() - timedelta(days=3))


def test_a_photo_of_nobody(site: None, turns_red: Watch, settings: Any, tmp_path: Path):
    import os

    from accounts import photo_files

    settings.MEDIA_ROOT = tmp_path
    with turns_red("left_is_erased", leaves="a file"):
        photo_files.store("n" * 22, {512: b"x", 96: b"x"})
        for size in photo_files.SIZES:
            os.utime(photo_files.path_of("n" * 22, size), (1, 1))


# ---- audit, outbox ------------------------------------------------------------------------------------
def test_a_changed_line_of_the_log(site: None, turns_red: Watch):
    record(account_ref=None, actor="system", action="test.done")
    with turns_red("ledger_chain"):
        Entry.objects.filter(pk=Entry.objects.last().pk).update(action="test.undone")


def test_a_mail_that_is_in_no_ledger(site: None, owner: User, company: Account, turns_red: Watch):
    with turns_red("every_mail_in_ledger"):
        make_sent(owner, company, key="stray", in_ledger=False)


def test_a_mail_door_that_takes_any_address(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from core import mail

    with turns_red("purpose_locked"):
        monkeypatch.setattr(mail, "write_mail", lambda **values: None)


def test_an_outgoing_door_that_knows_every_host(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from core import egress

    with turns_red("egress_closed"):
        monkeypatch.setattr(egress, "_check", lambda *args: ("https", "undeclared.specimen.example", "/"))


def test_data_given_to_somebody_who_is_not_in_the_list(site: None, turns_red: Watch):
    with turns_red("egress_closed"):
        write_disclosures([Disclosed("adverts", ("contact",), "user:1", Purpose.SERVICE, "http")])


def test_who_reads_or_takes_data_inside_of_the_site_is_no_stranger(site: None):
    from audit.actions import record_export, record_view
    from policies.proving import prove

    record_export(by="user:1", subject="user:1", account_ref=None, why="your-data.zip", purpose=Purpose.RIGHTS)
    record_export(by="visitor:7", subject="visitor:7", account_ref=None, why="your-data.zip", purpose=Purpose.RIGHTS)
    record_view(staff_user_id=1, subject="user:2", account_ref=None, why="privacy.case")
    assert [result.outcome.value for result in prove(["egress_closed"])] == ["kept"]


def test_a_company_that_looks_in_is_a_stranger(site: None, turns_red: Watch):
    with turns_red("egress_closed"):
        write_disclosures([Disclosed("adverts", ("contact",), "user:1", Purpose.SERVICE, "view")])


def test_a_module_with_a_door_of_its_own(site: None, turns_red: Watch, change_file: Any):
    with turns_red("egress_closed"):
        change_file("chat/tracker.py", "", "import requests\n")


# ---- policies ---------------------------------------------------------------------------------------
def test_a_published_sentence_that_was_changed(site: None, turns_red: Watch):
    with turns_red("versions_fixed"):
        Sentence.objects.filter(ident="no-card").update(text="We may ask for a card.")


def test_a_material_version_without_notice(site: None, turns_red: Watch):
    with turns_red("material_notice"):
        Version.objects.filter(kind="policy").update(number=2, material=True)


def test_a_material_version_that_binds_before_its_notices(
    site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch
):
    from django.db.models import Q

    from policies.models import VersionQuerySet

    month = timezone.now() - timedelta(days=30)
    second = Version.objects.get(kind="policy")
    Version.objects.create(kind="policy", number=2, title="Two", material=True, edited_at=month, published_at=month,
                           effective_at=month + timedelta(days=20), text_hash=second.text_hash)  # fmt: skip
    with turns_red("material_notice"):
        monkeypatch.setattr(VersionQuerySet, "told", staticmethod(lambda: Q()))


def test_an_owner_whose_notice_did_not_leave(site: None, owner: User, turns_red: Watch):
    with turns_red("notices_out"):
        version = Version.objects.get(kind="policy")
        Version.objects.filter(pk=version.pk).update(material=True, notified_at=timezone.now())
        make_sent(
            owner, Account.objects.get(), kind="accounts.policy_notice", key=f"version:{version.pk}", state="parked"
        )


def test_a_sentence_whose_check_is_gone(site: None, turns_red: Watch):
    with turns_red("every_sentence_checked"):
        Sentence.objects.filter(ident="no-card").update(probe="gone")


# ---- notifications, reports ---------------------------------------------------------------------------
def test_a_summary_to_somebody_who_never_chose(site: None, eve: User, company: Account, turns_red: Watch):
    with turns_red("summary_chosen"):
        make_sent(eve, company)


def test_a_summary_after_the_opt_out(site: None, owner: User, company: Account, turns_red: Watch):
    with turns_red("summary_chosen"):
        set_preference(user=owner, account=company, kind="daily_summary", is_on=False)
        make_sent(owner, company, key="later", finished_at=timezone.now() + timedelta(minutes=10))


def test_a_preference_that_is_on_by_itself(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    with turns_red("summary_chosen"):
        monkeypatch.setattr(Preference._meta.get_field("is_on"), "default", True)
        monkeypatch.setattr(Preference._meta.get_field("is_on"), "_get_default", lambda: True)


def test_two_summaries_of_one_day(site: None, owner: User, company: Account, turns_red: Watch):
    with turns_red("summary_once"):
        make_sent(owner, company, key="again")


# ---- operators --------------------------------------------------------------------------------------------
def test_a_second_first_mail(site: None, company: Account, invited: Any, turns_red: Watch):
    with turns_red("one_invitation_mail"):
        make_invitation_mail(invited, "again")


def test_an_invited_address_that_is_good_for_more(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from operators import outbound

    with turns_red("invited_address_locked"):
        monkeypatch.setattr(outbound, "GIVEN_FOR", frozenset({Purpose.INVITATION, Purpose.ACCOUNT}))


def test_an_invite_form_with_a_phone(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from operators.forms import InviteForm

    with turns_red("invited_address_locked"):
        fields = {**InviteForm.base_fields, "phone": forms.CharField()}
        monkeypatch.setattr(InviteForm, "base_fields", fields)


def test_a_removed_address_that_is_still_there(site: None, invited: Any, turns_red: Watch):
    from notifications.actions import suppress_address

    with turns_red("removed_not_written_to"):
        suppress_address(email=invited.email, reason="removed", purpose="invitation")


def test_a_mail_to_a_removed_address(site: None, company: Account, turns_red: Watch):
    from operators.models import Invitation

    with turns_red("removed_not_written_to"):
        gone = Invitation.of(company).get(state="removed")
        make_invitation_mail(gone, "late", finished_at=timezone.now() + timedelta(hours=1))


def test_an_invited_address_kept_too_long(site: None, company: Account, invited: Any, turns_red: Watch):
    from operators.models import Invitation

    with turns_red("invitations_end"):
        Invitation.of(company).filter(pk=invited.pk).update(sent_at=timezone.now() - timedelta(days=33))


def make_invitation_mail(invitation: Any, key: str, **changes: Any) -> Any:
    from outbox.models import Delivery

    values = {"state": "done", "finished_at": timezone.now(), "in_ledger": True, "account_ref": invitation.account_id}
    return Delivery.objects.create(
        kind="operator_invite", key=key, recipient=f"invitation:{invitation.pk}", **{**values, **changes}
    )


# ---- the whole site -----------------------------------------------------------------------------------
def test_a_column_that_nobody_declared(site: None, turns_red: Watch, add_column: Any):
    with turns_red("every_field_declared"):
        add_column(Visitor, "phone", models.CharField(max_length=20))


def test_a_column_for_a_card(site: None, turns_red: Watch, add_column: Any):
    with turns_red("no_card_field"):
        add_column(Account, "card_number", models.CharField(max_length=20))


def test_a_form_with_a_card(site: None, turns_red: Watch):
    import gc

    with turns_red("no_card_field", leaves="a class"):
        form: Any = type("TrialForm", (forms.Form,), {"card_number": forms.CharField()})
        assert form.base_fields
    del form
    gc.collect()


def test_a_page_with_a_card(site: None, turns_red: Watch, change_file: Any):
    with turns_red("no_card_field"):
        change_file("templates/account/signup.html", "<form", '<input autocomplete="cc-number"><form')


def test_a_column_for_a_place(site: None, turns_red: Watch, add_column: Any):
    with turns_red("no_location"):
        add_column(Visitor, "city", models.CharField(max_length=80))


def test_a_package_that_finds_places(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch, tmp_path: Any):
    package = tmp_path / "geoip2-5.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: geoip2\nVersion: 5.0\n")
    with turns_red("no_location"):
        monkeypatch.syspath_prepend(str(tmp_path))


def test_a_script_that_asks_for_the_place(site: None, turns_red: Watch, change_file: Any):
    with turns_red("no_location"):
        change_file("static/js/core/start.js", "", "\nnavigator.geolocation.getCurrentPosition(console.log);\n")


def test_pages_that_allow_geolocation(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from core import middleware

    with turns_red("no_location"):
        monkeypatch.setattr(middleware, "PERMISSIONS_POLICY", "camera=()")


@pytest.mark.parametrize("name", ["csp.middleware.CSPMiddleware", "core.middleware.SecurityHeaders"])
def test_pages_without_their_headers(site: None, turns_red: Watch, settings: Any, name: str):
    with turns_red("headers"):
        settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if one not in (name, SECURITY)]


SECURITY = "django.middleware.security.SecurityMiddleware"


def test_pages_that_take_inline_script(site: None, turns_red: Watch, settings: Any):
    wide = {**settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], "script-src": ["'self'", "'unsafe-inline'"]}
    with turns_red("headers"):
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": wide}


def test_a_site_in_the_clear(site: None, turns_red: Watch, settings: Any):
    with turns_red("tls"):
        settings.DEV, settings.PUBLIC_ORIGIN = False, "http://chat.specimen.example"


def test_a_page_without_the_address(site: None, turns_red: Watch, change_file: Any):
    with turns_red("help_everywhere"):
        change_file("templates/_site_foot.html", '<a href="mailto:{{ SUPPORT_EMAIL }}">{{ SUPPORT_EMAIL }}</a>', "")


def test_a_console_without_the_address(site: None, turns_red: Watch, change_file: Any):
    with turns_red("help_everywhere"):
        change_file("templates/console.html", "SUPPORT_EMAIL", "SITE_NAME")
        change_file("templates/console.html", "SUPPORT_EMAIL", "SITE_NAME")


# ---- the spreadsheet import -----------------------------------------------------------------------------
def test_a_third_column_of_a_spreadsheet(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from django.db.models import CharField

    from operators.models import ImportRow

    more = CharField(max_length=40)
    more.name = "phone"
    with turns_red("import_takes_two_things"):
        monkeypatch.setattr(ImportRow._meta, "concrete_fields", (*ImportRow._meta.concrete_fields, more))


def test_an_upload_handler_that_writes_files(site: None, turns_red: Watch, settings: Any):
    with turns_red("import_file_destroyed"):
        settings.FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]


def test_a_spreadsheet_that_stayed(site: None, turns_red: Watch, settings: Any, tmp_path: Path):
    settings.MEDIA_ROOT = tmp_path
    with turns_red("import_file_destroyed", leaves="a file"):
        (tmp_path / "staff.xlsx").write_bytes(b"PK")


def test_a_list_past_its_hour(site: None, company: Account, turns_red: Watch):
    from accounts.models import Membership
    from operators.models import ImportDraft

    owner = Membership.objects.filter(account=company).first()
    with turns_red("import_file_destroyed"), account_scope(company):
        ImportDraft.objects.create(account=company, read_by=owner, created_at=timezone.now() - timedelta(hours=2))
