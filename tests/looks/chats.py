"""Chats, the archive, reports, the widget and what its visitors get."""

from collections.abc import Callable
from typing import Any

from tests.looks.look import Look, _chat_of_demo, _leader, owner


def open_chat() -> str:
    """A chat that the owner holds just now, with a document and a picture in it."""
    chat = _chat_of_demo(state="open", operator__membership__user=owner())
    _send_files(chat)
    return f"/app/chats/{chat.public_id}/"


def _send_files(chat: Any) -> None:
    from accounts.tests.pictures import plain
    from chat.models import Attachment
    from chat.testing import send_file

    if not Attachment.of(chat.account).filter(chat=chat).exists():
        send_file(chat, "what-to-bring.pdf", operator=chat.operator)
        send_file(chat, "our-bike.png", plain((640, 420), "PNG"), text="This is ours")


def closed_chat() -> str:
    """A chat on the first page of the archive."""
    from accounts.scoping import account_scope
    from chat.actions.chats import rate_chat

    comment = "Nobody called back"
    chat = _chat_of_demo(state="closed", rating_comment=comment)
    if chat is None:
        chat = _chat_of_demo(state="closed", rating="")
        with account_scope(chat.account):
            rate_chat(chat_pk=chat.pk, value="bad", comment=comment)
    return f"/app/archive/{chat.public_id}/?kind=answered"


def ask_before_chats_go(page: Any) -> None:
    """Chooses so few days that chats would be deleted tonight."""
    page.fill("#days", "7")
    page.click("#retention .btn-primary")
    page.wait_for_selector("#sure")


def widget_page(name: str) -> Callable[[], str]:
    """A page of the first website of the account that one looks at."""

    def path() -> str:
        from chat.actions.widgets import ensure_widget

        return f"/app/settings/widget/{ensure_widget(account=_leader().account).key}/{name}/"

    return path


def add_a_wrong_question(page: Any) -> None:
    """Adds two questions to the form before the chat, one of them without its answers, and saves it."""
    for number, (words, kind) in enumerate((("Which bicycle is it about?", "choice"), ("Order number", "line"))):
        page.get_by_role("button", name="Add a question").click()
        page.fill(f"#q{number}-label", words)
        page.select_option(f"#q{number}-kind", kind)
    page.locator("p.row").get_by_role("button", name="Save").click()
    page.wait_for_selector(".error-summary")


def visitor_link(purpose: str, query: str = "") -> Callable[[], str]:
    """A page behind a link in a mail to a visitor of the demo company."""

    def path() -> str:
        from urllib.parse import urlsplit

        from accounts.scoping import account_scope
        from chat.window.mail_links import link_to

        with account_scope(_leader().account):
            chat = _chat_of_demo(state="closed", rating="")
            return urlsplit(link_to(purpose, chat)).path + query

    return path


def save_a_wrong_greeting(page: Any) -> None:
    """Two greetings, the second on no page."""
    for number in (0, 1):
        page.get_by_role("button", name="Add a greeting").click()
        page.fill(f"#g{number}-text", "Looking at cargo bikes? Ada can tell you which one carries a dog.")
    page.fill("#g1-page", "pricing")
    page.get_by_role("button", name="Save").last.click()
    page.wait_for_selector(".error-summary")


def make_a_secret(page: Any) -> None:
    """Has the secret made, which the page then shows."""
    page.locator("button[value=make]").click()
    page.wait_for_selector("#tag")


VISITORS_LATER = {
    "dot-away": "who is here and who is away is not told apart yet", "page": "the live table has no pages",
    "pager": "the live table has no pages",
}  # fmt: skip

ARCHIVE_LATER = {
    "btn-danger-solid": "deleting from the archive is a later order",
    "segmented": "the newest come first: there is no other order",
    "dot": "the own state is shown in the console", "dot-on": "the own state is shown in the console",
    "page": "the pager goes to older chats and back to the newest",
}  # fmt: skip

REPORTS_LATER = {
    "said": "what visitors wrote with a rating is read in the archive: a report holds counts only",
    "dot": "the own state is shown in the console", "dot-on": "the own state is shown in the console",
}  # fmt: skip

CHATS: list[Look] = [
    Look("console-list", "/app/chats/", user=owner, rows=".chat-row"),
    Look(
        "visitors", "/app/visitors/", "visitors", user=owner, rows="#rows tr", crowd=12, ready="#rows tr",
        left_out=VISITORS_LATER,
    ),
    Look("archive", "/app/archive/", user=owner, rows=".result"),
    Look("transcript", closed_chat, "archive", user=owner, rows=".result", left_out=ARCHIVE_LATER),
    Look("retention", "/app/settings/retention/", user=owner, rows="tbody tr", before=ask_before_chats_go),
    Look("reports", "/app/reports/", "reports", user=owner, rows=".table-plain tbody tr, .chart table tbody tr",
         left_out=REPORTS_LATER),
    Look("reports-operators", "/app/reports/operators/?days=30", user=owner),
    Look("reports-goals", "/app/reports/goals/?days=30", user=owner, rows="#sales tbody tr"),
    Look("goals", "/app/settings/goals/", user=owner),
    Look("install", "/app/settings/widget/", user=owner),
    Look("greetings", widget_page("greetings"), user=owner, before=save_a_wrong_greeting, status_after=400),
    Look("identity", widget_page("identity"), user=owner, before=make_a_secret),
    Look("form-builder", widget_page("form"), user=owner, before=add_a_wrong_question, status_after=400),
    Look("visitor-continue", visitor_link("chat.continue")),
    Look("visitor-rate", visitor_link("chat.rate", "?value=good")),
    Look("visitor-stop", visitor_link("chat.stop")),
]  # fmt: skip
