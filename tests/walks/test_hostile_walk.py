"""Text that means harm in every field, and every page that shows it: it is text, nothing runs, nothing is asked for.

The site answers with its real policies. A script that ran, a report of a policy, an error in the console, a request to
another site, an element that somebody wrote, or a page wider than a phone fails the walk.
"""

import json
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from accounts.models import Account, Membership, User
from accounts.scoping import account_scope, scopes_disabled
from chat.models import Chat, Message
from chat.testing import PDF, make_widget, send_file
from chat.window.mail_links import CONTINUE, RATE, STOP, link_to
from forum.models import ModerationAct
from livechat.devmail import list_mails
from outbox.actions import deliver_due
from surveys.models import Answer
from tests.walks.hostile import (
    FIELDS,
    OTHER,
    Hostile,
    hostile,
    make_hostile,
    make_hostile_topic,
    rows_with,
    text_fields,
)
from tests.walks.shop import open_chat, shop

__all__ = ["shop"]
pytestmark = [pytest.mark.once, pytest.mark.timeout(240)]

# every text that can be seen, heard or copied: of nodes, of fields, of attributes that are read out, in shadows too
READ = """() => {
  const found = [document.title];
  const walk = (node) => {
    if (node.nodeType === 3) { found.push(node.data); return; }
    if (node.nodeType !== 1 && node.nodeType !== 9 && node.nodeType !== 11) return;
    if (/^(SCRIPT|STYLE)$/.test(node.nodeName)) return;
    for (const name of node.getAttributeNames?.() ?? [])
      if (/^(title|alt|placeholder|aria-.*|value|label|data-name)$/.test(name))
        found.push("\\n", node.getAttribute(name), "\\n");
    if (typeof node.value === "string") found.push("\\n", node.value, "\\n");
    if (node.shadowRoot) walk(node.shadowRoot);
    if (/^(P|DIV|LI|TD|TH|TR|DT|DD|H1|H2|H3|SPAN|BUTTON|A|OPTION|LABEL)$/.test(node.nodeName)) found.push("\\u2063");
    (node.localName === "template" ? node.content : node).childNodes.forEach(walk);
  };
  walk(document);
  return found.join("").replaceAll("\\u2063", "");
}"""
# what somebody wrote became an element, or something that runs when it is touched
MADE = """() => [...document.querySelectorAll("x-pwn, math, mglyph, base[href], [onclick], [onload], [onerror], " +
  "[onmouseover], meta[http-equiv=refresh], a[href^='javascript:' i], a[href^='data:' i], [src^='//evil'], " +
  "[src*='evil.example'], " +
  "[style*=evil], iframe:not([src*='/widget/frame/'], [src^='/dev/mail/'])")]
  .map((node) => node.outerHTML.slice(0, 120))"""
TOO_WIDE = """() => { const root = document.documentElement;
  return root.scrollWidth <= root.clientWidth ? [] : [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1).slice(0, 3)
    .map((one) => one.outerHTML.slice(0, 160)); }"""


class Eyes:
    """Looks at pages: `seen` are the fields whose text was readable as it was written, `faults` what was wrong."""

    def __init__(self, site: str, texts: dict[str, str]) -> None:
        self.site, self.texts = site, texts
        self.own = [site]
        self.seen: set[str] = set()
        self.faults: list[str] = []

    def watch(self, page: Any) -> Any:
        """A window in which nothing may run, open a dialog, or ask another site."""
        page.expose_function("pwn", lambda *given: self.faults.append(f"it ran on {page.url}: {given}"))
        page.on("dialog", lambda dialog: (self.faults.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda asked: self._ask(asked.url))
        page.on("popup", lambda other: self.faults.append(f"a window: {other.url}"))
        return page

    def _ask(self, url: str) -> None:
        if not url.startswith((*self.own, "blob:", "data:image/", "about:")):
            self.faults.append(f"a request to {url[:120]}")

    def look(self, page: Any, where: str) -> None:
        """Reads the page and its frames."""
        for frame in page.frames:
            shown = frame.evaluate(READ)
            squeezed = " ".join(shown.split())
            self.seen |= {name for name, text in self.texts.items() if text in shown or text in squeezed}
            self.faults += [f"{where}: an element that was written: {one}" for one in frame.evaluate(MADE)]
            self.faults += [f"{where}: wider than the screen: {one}" for one in frame.evaluate(TOO_WIDE)]


def test_every_text_field_is_attacked_or_has_a_reason() -> None:
    known = {name for name in FIELDS if not name.startswith("accounts.")} | set(OTHER)
    assert text_fields() == known, "a new text field belongs into tests/walks/hostile.py, and onto a page of the walk"


@pytest.fixture
def world(acme: Account, alice_member: Membership, site_server: str, settings: Any) -> Hostile:
    settings.EMAIL_BACKEND = "livechat.devmail.FileBackend"
    made = make_hostile(acme, alice_member)
    with scopes_disabled():
        missing = [name for name in FIELDS if not rows_with(name)]
    assert missing == [], "in no row as it was written"
    return made


def pages_of(world: Hostile) -> list[str]:
    """Every page of the account that shows what somebody wrote."""
    key, chat, closed = make_widget(world.account).key, world.chat.public_id, world.closed.public_id
    search = f"q={hostile('search').replace('%', '%25').replace('&', '%26').replace('#', '%23').replace('+', '%2B')}"
    return [
        f"/app/chats/{chat}/", "/app/visitors/", "/app/operators/", "/app/archive/", f"/app/archive/?{search}",
        f"/app/archive/{closed}/", f"/app/archive/{closed}/?q=pwn", f"/app/archive/{closed}/block/",
        "/app/settings/tags/", f"/app/settings/tags/{world.tag.pk}/", "/app/settings/replies/",
        f"/app/settings/replies/{world.reply.public_id}/", "/app/settings/blocked/", "/app/settings/groups/",
        f"/app/settings/groups/{world.group.public_id}/", "/app/settings/hours/", "/app/settings/routing/",
        "/app/settings/widget/", *(f"/app/settings/widget/{key}/{one}/" for one in ("form", "greetings", "identity")),
        "/app/settings/goals/", f"/app/settings/goals/{world.goal.public_id}/", "/app/settings/retention/",
        "/app/reports/", "/app/reports/operators/", "/app/reports/goals/", "/app/surveys/",
        *(f"/app/surveys/{world.link.public_id}/{one}" for one in ("", "preview/", "results/")),
        f"/app/surveys/{world.survey.public_id}/", "/app/team/", "/app/profile/", "/app/preferences/",
    ]  # fmt: skip


def forum_pages_of(topic: Any, draft: Any) -> list[str]:
    """The pages of the forum on which its author meets what was written."""
    base = f"/forum/t/{topic.public_id}/"
    return [
        "/forum/", f"/forum/c/{topic.category.slug}/", "/forum/?q=pwn", f"{base}{topic.slug}/",
        f"{base}{topic.slug}/?page=1&quote=1", *(f"{base}p/1/{one}/" for one in ("edit", "history", "delete")),
        "/forum/drafts/", f"/forum/new/?draft={draft.public_id}", "/forum/mine/",
        f"/forum/members/{topic.author.handle}/", "/forum/decisions/",
        *(f"/forum/decisions/{act.public_id}/" for act in ModerationAct.objects.all()),
    ]  # fmt: skip


def test_nothing_that_is_written_runs_in_the_forum(alice: User, nik: User, page_at: Any, site_server: str) -> None:
    """Posts are Markdown, and plain text in the moderators' queue; reports, decisions and objections are plain text."""
    topic, draft = make_hostile_topic(alice)
    texts = {name: hostile(name) for name in FIELDS if name.startswith("forum.")}
    eyes = Eyes(site_server, texts)
    page = eyes.watch(page_at(375, user=alice, height=800))
    for path in forum_pages_of(topic, draft):
        assert page.goto(path).status == 200, path
        eyes.look(page, path)
    page.context.clear_cookies()
    page.goto(f"/forum/t/{topic.public_id}/{topic.slug}/")
    eyes.look(page, "a stranger's topic")
    desk = eyes.watch(page_at(375, user=nik, height=800))
    queue = [f"/forum/moderation/{tab}" for tab in ("", "reports/", "objections/", "log/")]
    for path in (*queue, f"/forum/t/{topic.public_id}/{topic.slug}/"):
        assert desk.goto(path).status == 200, path
        desk.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        eyes.look(desk, path)
    assert eyes.faults == [], "\n".join(eyes.faults)
    assert eyes.seen == set(texts)


def test_nothing_that_is_written_runs_on_any_page_of_the_account(
    world: Hostile, alice: User, page_at: Any, site_server: str
) -> None:
    eyes = Eyes(site_server, {**world.texts, "search": hostile("search")})
    page = eyes.watch(page_at(375, user=alice, height=800))
    for path in pages_of(world):
        answer = page.goto(path)
        assert answer.status == 200, path
        if path.startswith("/app/chats/"):
            page.locator("#reply:enabled").wait_for()
            page.locator(".msg-note").first.wait_for()
        eyes.look(page, path)
    _read_mails(world, eyes, page)
    page.context.clear_cookies()
    for link in (CONTINUE, RATE, STOP):
        with account_scope(world.account):
            page.goto(link_to(link, world.chat))
        eyes.look(page, link)
    page.goto(f"/surveys/{world.link.key}/")
    eyes.look(page, "the survey's link")
    # these are shown in the window of the visitor, or in a shape of their own
    elsewhere = {"chat.MessageVersion.text", *(name for name in FIELDS if name.startswith("forum."))}
    assert eyes.faults == [], "\n".join(eyes.faults)
    assert sorted(set(eyes.texts) - eyes.seen - elsewhere) == []


def _read_mails(world: Hostile, eyes: Eyes, page: Any) -> None:
    """The transcript that the closed chat's visitor gets, in the browser of a developer."""
    deliver_due()
    mails = [one for one in list_mails() if "pat@specimen.example" in one.to]
    assert mails, "the transcript did not leave"
    for path in ("/dev/mail/", f"/dev/mail/{mails[0].name}/", f"/dev/mail/{mails[0].name}/html/"):
        assert page.goto(path).status == 200
        eyes.look(page, path)
    assert hostile("chat.Message.text") in " ".join(mails[0].text.split())


def test_our_staffs_lists_show_it_as_text(world: Hostile, ada: User, page_at: Any, site_server: str) -> None:
    TOTP.activate(ada, generate_totp_secret())
    eyes = Eyes(site_server, world.texts)
    page = eyes.watch(page_at(1440, user=ada))
    for path in ("accounts/account/", "accounts/user/", "accounts/membership/", "chat/chat/", "outbox/delivery/"):
        assert page.goto(f"/admin/{path}").status == 200
        eyes.look(page, path)
    page.goto(f"/admin/accounts/account/{world.account.pk}/change/")
    eyes.look(page, "an account")
    assert eyes.faults == [], "\n".join(eyes.faults)
    assert {"accounts.Account.company", "accounts.User.name"} <= eyes.seen
    assert not {"chat.Message.text", "chat.Note.text", "chat.Visitor.name"} & eyes.seen  # what was said is not theirs


def test_nothing_that_is_written_runs_in_the_window_of_the_visitor(
    world: Hostile, alice: User, shop: Any, page_at: Any, site_server: str
) -> None:
    typed, title = hostile("typed"), json.dumps(hostile("page")).replace("<", "\\u003c")
    origin = shop(host="127.0.0.1", before=f"<script>document.title = {title};</script>")
    loose = {name: hostile(name) for name in ("typed", "reply")}
    eyes = Eyes(site_server, {**world.texts, **loose})
    eyes.own.append(origin)
    visitor = eyes.watch(page_at(375, height=760))
    visitor.goto(f"{origin}/?q=<x-pwn>&then='-pwn()-'")
    visitor.locator("#c p", has_text="zq").wait_for()  # the greeting at the bubble
    eyes.look(visitor, "the customer's page")
    visitor.locator("#x").click()
    frame = open_chat(visitor)
    eyes.look(visitor, "the form")
    frame.get_by_label("Name").fill(hostile("chat.Visitor.name"))
    frame.locator("[data-field=a]").fill(hostile("chat.Chat.answers"))
    frame.locator("[data-field=b]").select_option(index=1)
    frame.get_by_label("Your question").fill(f"\u202e{typed}\ufeff")
    frame.get_by_role("button", name="Start chat").click()
    frame.locator(".msg-own[data-seq]").wait_for()
    eyes.look(visitor, "a question")
    with account_scope(world.account):
        chat = Chat.objects.select_related("account").latest("pk")
        assert chat.last_text == typed[:200]

    desk = eyes.watch(page_at(1440, user=alice))
    desk.goto(f"/app/chats/{chat.public_id}/")
    desk.locator("#mine-n", has_text="of 5").wait_for()
    desk.wait_for_timeout(700)
    desk.locator("#chat").get_by_role("button", name="Accept").click()
    desk.locator("#reply:focus").wait_for()
    frame.locator(".event", has_text="joined").wait_for()
    frame.get_by_label("Message", exact=True).fill(f"\u202e{typed}")
    frame.get_by_label("Message", exact=True).press_sequentially("...", delay=50)
    desk.locator("#preview", has_text="zq").wait_for()  # what is being typed
    eyes.look(desk, "the console")
    assert "\u202e" not in desk.locator("#preview").inner_text()
    frame.get_by_label("Message", exact=True).fill("")
    desk.locator("#reply").fill(hostile("reply"))
    desk.locator("#reply").press("Enter")
    frame.locator(".msg:not(.msg-own)").wait_for()
    eyes.look(desk, "the reply")
    send_file(chat, hostile("chat.Attachment.name"), PDF)
    visitor.reload()
    open_chat(visitor)
    frame.get_by_role("button", name="zq").first.wait_for()  # the file
    eyes.look(visitor, "the conversation")
    desk.goto("/app/visitors/")
    desk.locator("#rows tr").first.wait_for()
    eyes.look(desk, "the visitors")
    _end(frame, eyes, visitor)
    assert eyes.faults == [], "\n".join(eyes.faults)
    assert eyes.seen >= SHOWN_TO_VISITORS, SHOWN_TO_VISITORS - eyes.seen
    with account_scope(world.account):
        chat.refresh_from_db()
        assert (chat.rating_comment, chat.page_title) == (hostile("rated"), hostile("page"))
        assert Message.objects.filter(chat=chat, text=hostile("reply")).count() == 1
        assert Answer.objects.filter(text=hostile("surveys.Answer.text"), sheet__survey=world.survey).count() == 1


SHOWN_TO_VISITORS = {
    "accounts.Account.company", "chat.Widget.greeting", "chat.Widget.greetings", "chat.Widget.form", "chat.Tag.name",
    "operators.Group.name", "operators.Operator.display_name", "chat.Attachment.name", "surveys.Survey.title",
    "surveys.Survey.intro", "surveys.Question.label", "surveys.Question.options", "chat.Visitor.name", "typed", "reply",
}  # fmt: skip


def _end(frame: Any, eyes: Eyes, visitor: Any) -> None:
    """The visitor ends the chat, rates it with words, answers the survey, and looks at what is kept."""
    frame.get_by_role("button", name="End the chat").click()
    frame.locator("#rate label", has_text="No").first.click()
    frame.locator("#w-comment").fill(hostile("rated"))
    frame.get_by_role("button", name="Send rating").click()
    form = frame.locator("[data-survey]")
    form.wait_for()
    eyes.look(visitor, "the survey")
    form.locator("input[type=radio]").first.check(force=True)
    form.locator("textarea").fill(hostile("surveys.Answer.text"))
    form.get_by_role("button", name="Send answers").click()
    frame.get_by_text("Your answers are in").wait_for()
    frame.get_by_role("button", name="What this chat keeps").click()
    frame.locator("#kept-rows dt").first.wait_for()
    eyes.look(visitor, "what is kept")
