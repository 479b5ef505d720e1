"""The probe of sign-in with other services turns red when more is taken or kept than was chosen."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken

from accounts.join_form import JoinForm
from accounts.testing import make_user
from chat.window import handoff

Watch = Callable[[str], Any]


def test_what_nobody_ticked_is_taken(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    honest = JoinForm.clean

    def take_all(form: Any) -> Any:
        data = honest(form)
        form.gave = list(form.told)
        return data

    with turns_red("provider_choice"):
        monkeypatch.setattr(JoinForm, "clean", take_all)


def test_any_key_opens_what_was_chosen_for_a_form(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    with turns_red("prefill_by_choice"):
        monkeypatch.setattr(handoff, "_place", lambda hashed: "handoff:everybody")


def test_what_was_chosen_for_a_form_can_be_read_again(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    read = {}
    with turns_red("prefill_by_choice"):
        honest = handoff.take
        monkeypatch.setattr(handoff, "take", lambda key: read.setdefault(key, honest(key)))


def test_a_box_of_the_forms_choice_is_ticked(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    with turns_red("prefill_by_choice"):
        source = SimpleNamespace(source='<input type="checkbox" name="take_name" checked>')
        monkeypatch.setattr("chat.promises.get_template", lambda name: SimpleNamespace(template=source))


@pytest.mark.strange_keys
def test_what_a_service_told_is_kept(site: None, turns_red: Watch):
    with turns_red("provider_choice"):
        SocialAccount.objects.create(user=make_user(), provider="x", uid="1", extra_data={"picture": "https://x/1.png"})


def test_a_token_is_kept(site: None, turns_red: Watch):
    account = SocialAccount.objects.create(user=make_user(), provider="x", uid="2", extra_data={"gave": ["name"]})
    with turns_red("provider_choice"):
        SocialToken.objects.create(account=account, token="t")  # noqa: S106  of a test


def test_an_e_mail_opens_a_login_by_itself(site: None, turns_red: Watch, settings: Any):
    with turns_red("provider_choice"):
        settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
