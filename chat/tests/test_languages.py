"""The languages of the window: which one it speaks, that nothing of it stays English, and right-to-left pages."""

import ast
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation.template import templatize

from accounts.models import Account, Membership
from accounts.scoping import account_scope
from chat.actions.mailing import ask_transcript
from chat.actions.widgets import change_widget
from chat.models import Visitor, Widget
from chat.testing import make_chat, make_visitor, make_widget
from chat.window.languages import LANGUAGES, choose_language
from core.catalogs import compile_catalogs, read_po
from core.personal_data import registry

TEMPLATES = Path(settings.BASE_DIR) / "templates"
PAGES = [
    "chat/frame.html", "chat/_file_tray.html", "chat/continue.html", "chat/rate.html", "chat/stop.html",
    "chat/prefill_start.html", "chat/prefill.html", "chat/your_data.html",
    "surveys/_widget.html", "surveys/_thanks.html",
]  # fmt: skip
MAILS = ["chat/mail/chat_answer", "chat/mail/chat_transcript"]
# modules whose sentences a visitor reads, and the few in them that only operators or programs do
MODULES = {
    "chat/window/prechat.py": {
        "Do not ask", "Optional", "Required", "One line", "Several lines", "One of a list", "A box to tick",
        "Write the question, or remove it.", "A form can have %(count)d questions of your own.",
        "Give 2 to %(count)d answers to choose from, one a line.",
    },
    "chat/window/transcripts.py": set(),
    "chat/bubble/script.py": {"The greetings are too long together. Shorten some of them."},
    "chat/window/seen.py": set(),
    "chat/window/kept.py": set(),
    "chat/consumers/widget.py": set(),
    "chat/consumers/base.py": {"Frames are text.", "Say hello once."},
    "chat/actions/resuming.py": set(),
    "chat/actions/edits.py": set(),
    "chat/actions/files.py": set(),
    "surveys/filling.py": set(),
}  # fmt: skip
CALLS = re.compile(r"""\b(?:p?gettext)\((u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\"{3}(?:.|\n)*?\"{3}))""")
INCLUDED = re.compile(r"""\{% (?:include|extends) "([^"]+)""")


def catalog(code: str) -> dict[str, str]:
    path = Path(settings.LOCALE_PATHS[0]) / code / "LC_MESSAGES" / "django.po"
    return read_po(path.read_text(encoding="utf-8"))


def with_parts(names: list[str]) -> set[str]:
    """The templates with everything that they include or extend."""
    found: set[str] = set()
    while names:
        name = names.pop()
        if name not in found and (TEMPLATES / name).exists():
            found.add(name)
            names += INCLUDED.findall((TEMPLATES / name).read_text(encoding="utf-8"))
    return found


def words_of_templates() -> Iterator[tuple[str, str]]:
    names = [*PAGES, *(f"{mail}.{end}" for mail in MAILS for end in ("subject.txt", "txt", "html"))]
    for name in sorted(with_parts(names)):
        for quoted in CALLS.findall(templatize((TEMPLATES / name).read_text(encoding="utf-8"))):
            yield ast.literal_eval(quoted), name


def words_of_modules() -> Iterator[tuple[str, str]]:
    for name, others in MODULES.items():
        for node in ast.walk(ast.parse((Path(settings.BASE_DIR) / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_" and node.args:
                word = ast.literal_eval(node.args[0])
                if word not in others:
                    yield word, name
    shown = {"name", "email", "ip_address", "browser", "system", "page_url", "page_title", "referrer", "visits"}
    for field in registry.find("chat.Visitor").fields:
        if field.name in shown:
            with translation.override("en"):
                yield str(field.label), "chat/personal_data.py"


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_nothing_that_a_visitor_reads_stays_english(code: str):
    known = catalog(code)
    left = sorted(
        {f"{where}: {word}" for word, where in [*words_of_templates(), *words_of_modules()] if word not in known}
    )
    assert left == [], f"add these to locale/{code}/LC_MESSAGES/django.po, then: python manage.py compile_catalogs"


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_every_translation_keeps_the_places_of_names_and_numbers(code: str):
    def places(text: str) -> list[str]:
        return sorted(re.findall(r"%\(\w+\)[sd]", text))

    assert [key for key, value in catalog(code).items() if key and places(key) != places(value)] == []


def test_the_compiled_catalogs_are_those_of_the_texts():
    assert compile_catalogs(Path(settings.LOCALE_PATHS[0])) == []


def test_the_accounts_choice_goes_before_the_page_and_the_page_before_the_browser():
    widget = Widget(language="pl")
    assert choose_language(widget, "de-AT", "fr") == "pl"
    widget.language = ""
    assert choose_language(widget, "de_AT", "fr") == "de"
    assert choose_language(widget, "", "nl, fr;q=0.8, en;q=0.1") == "fr"
    assert choose_language(widget, "xx", "ar") == "en", "we have no Arabic words"
    assert choose_language(widget, "ar", "fr") == "ar", "a page from right to left has a window that runs that way"
    assert choose_language(widget, "\x00'" * 40, "(" * 9000) == "en"


def test_the_window_speaks_the_language_and_the_consoles_stay_english(acme: Account, alice: Any) -> None:
    path = f"/widget/frame/{make_widget(acme).key}/"
    german = Client(headers={"accept-language": "de-DE,de;q=0.9"})
    page = german.get(path)
    assert page["Content-Language"] == "de"
    assert '<html lang="de" dir="ltr">' in page.content.decode() and "Chat beginnen" in page.content.decode()
    assert "Commencer la discussion" in german.get(f"{path}?lang=fr-CA").content.decode()
    arabic = german.get(f"{path}?lang=ar").content.decode()
    assert '<html lang="ar" dir="rtl">' in arabic and "Start chat" in arabic
    german.force_login(alice)
    assert "<h1>Your website</h1>" in german.get("/app/settings/widget/").content.decode()


def test_refusals_and_mails_come_in_the_visitors_language(
    doors: Any, play: Any, acme: Account, alice_member: Membership
) -> None:
    opened = doors.open_widget(acme, lang="de")

    async def scenario() -> str:
        dave = await doors.visitor(opened)
        await dave.send(t="start", id=str(uuid.uuid4()), text="Passt der Sattel?", email="dave@")
        return str((await dave.expect("err"))["fields"]["email"])

    assert play(scenario()) == "Geben Sie eine E-Mail-Adresse wie pat@specimen.example ein"
    with account_scope(acme):
        assert Visitor.objects.get().language == "de"


def test_a_transcript_is_mailed_in_the_language_of_its_visitor(acme: Account, settings: Any) -> None:
    from django.core import mail

    from outbox.actions import deliver_due

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    visitor = make_visitor(acme, name="Pat", email="pat@specimen.example")
    Visitor.objects.with_scopes_disabled().update(language="pl")
    chat = make_chat(acme, text="Czy pasuje?", visitor=visitor)
    with account_scope(acme):
        chat.visitor.refresh_from_db()
        ask_transcript(chat=chat, email="pat@specimen.example")
    deliver_due()
    assert mail.outbox[0].subject.startswith("Twój czat z firmą Acme Bikes")
    assert "This address" not in mail.outbox[0].body


def test_what_an_account_chose_is_a_language_of_ours(acme: Account, alice_member: Membership) -> None:
    with account_scope(acme):
        change_widget(widget=make_widget(acme), by=alice_member, language="es")
    page = Client(headers={"accept-language": "de"}).get(f"/widget/frame/{make_widget(acme).key}/?lang=fr")
    assert "Empezar el chat" in page.content.decode()
