"""The table of pages that must look like their mockups, and what of a mockup belongs to a later order."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.looks.imports import IMPORT_LATER, IMPORT_PAGES, checked_list, confirmed_list, upload_an_old_file
from tests.looks.rules_pages import rules_looks
from tests.looks.tools import tagged_chat, tool_looks

MOCKUPS: dict[str, list[str]] = json.loads(
    (Path(__file__).parent / "mockup_components.json").read_text(encoding="utf-8")
)

# classes that arrange or size text: any page may choose others
ARRANGEMENT = re.compile(
    r"^(stack(-\d)?|row(-[a-z]+)?|grid(-[a-z0-9]+)?|t\d|wrap(-narrow)?|measure|muted|faint|grow|num|mono|nowrap|clip"
    r"|wide|wide-only|narrow-only|roomy|sticky|lead|on|n|low|btn-(s|l|wide|start)|input-s|select-auto|plain-list|sr)$"
)


@dataclass(frozen=True)
class Look:
    """One page: where it is, who opens it, which mockup it follows, and how many rows of data it must show."""

    name: str
    path: str | Callable[[], str]
    mockup: str = ""
    user: Callable[[], Any] | None = None
    left_out: dict[str, str] = field(default_factory=dict)  # class -> why it is not here
    rows: str = ""  # selector of a row of data; at least 10 are wanted
    before: Callable[[Any], None] | None = None  # brings the page into the state of the mockup
    status: int = 200
    status_after: int = 200  # of the page that `before` leads to
    crowd: int = 0  # visitors who have the chat open while one looks
    ready: str = ""  # selector that is there when the page is complete

    def components(self) -> set[str]:
        """The classes of the mockup that this page must have."""
        return {name for name in MOCKUPS[self.mockup] if not ARRANGEMENT.match(name)} - set(self.left_out)

    def stale(self) -> set[str]:
        """Reasons for classes that the mockup does not use."""
        return set(self.left_out) - set(MOCKUPS[self.mockup]) if self.mockup else set(self.left_out)


NO_PRICE = "no price is asked for: billing is a later order"
TYPED_ADDRESS = "an address that a visitor types would be asked by our server: administrators add the issuer"


def submit_empty(page: Any) -> None:
    """Sends the sign-up form with most fields empty."""
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.fill("[name=name]", "Ada")
    page.click("main form button[type=submit]")
    page.wait_for_selector(".error-summary")


def press_facebook(page: Any) -> None:
    """Opens the page that leads to a service, and stays on it: the service is not asked."""
    page.route("https://www.facebook.com/**", lambda route: route.fulfill(status=204))
    page.get_by_role("button", name="Continue with Facebook").click()
    page.get_by_role("heading", name="On to Facebook").wait_for()


def owner() -> Any:
    """The owner of the demo company."""
    from accounts.models import User
    from livechat.demo_people import OWNER

    return User.objects.get(email=OWNER.email)


def agent() -> Any:
    """The demo's support agent."""
    from accounts.models import User
    from livechat.demo_people import AGENT

    return User.objects.get(email=AGENT.email)


def request_path(subject: str, *, desk: bool = False) -> Callable[[], str]:
    """A request of the demo, as its requester sees it or at the desk."""

    def path() -> str:
        from support.models import SupportRequest

        number = SupportRequest.objects.get(subject__startswith=subject).number
        return f"/support/{'desk' if desk else 'requests'}/{number}/"

    return path


SUPPORT_OTHER = {
    "notice": "a page of what works now is a later order", "notice-ok": "a page of what works now is a later order",
}  # fmt: skip
NEW_OTHER = {
    "file": "the browser's own list of chosen files stands in the zone", "btn-quiet": "the cross at a chosen file",
    "btn-icon": "the cross at a chosen file", "notice": "shown when the forum has answers to what is typed",
}  # fmt: skip
TRACK_OTHER = {"file-line": "the demo's request has no file"}
DESK_OTHER = {
    "badge-wait": "nothing of the demo is due within the hour", "badge": "the same",
    "count-wait": "an agent has no chats", "dot": "an agent has no chats", "dot-on": "an agent has no chats",
    "when-late": "the demo's request about personal data is new",
    **dict.fromkeys(("palette", "palette-h", "palette-list", "search-trigger", "keys"), "the palette is the console's"),
}  # fmt: skip


def _chat_of_demo(**which: Any) -> Any:
    from accounts.models import Membership
    from chat.models import Chat

    account = Membership.objects.get(user=owner()).account
    return Chat.of(account).filter(message_count__gte=4, **which).order_by("-pk").first()


def forum_member() -> Any:
    """A member of the demo's forum."""
    from accounts.models import User

    return User.objects.get(email="robin@specimen.example")


def forum_topic() -> str:
    """A topic of the demo with an accepted answer."""
    from forum.links import topic_path
    from forum.models import Topic

    return topic_path(Topic.objects.get(title__startswith="Chat does not appear"))


def busy_category() -> str:
    """A category of the demo with ten topics more, as a forum has them."""
    from forum.models import Category, Topic
    from forum.testing import make_topic

    category = Category.objects.get(slug="set-up-the-chat")
    if Topic.objects.filter(category=category).count() < 10:
        for number in range(10):
            make_topic(forum_member(), category=category, title=f"How do I move the bubble on page {number}?")
    return "/forum/c/set-up-the-chat/"


def busy_desk() -> str:
    """The desk with ten open requests more."""
    from support.models import SupportRequest
    from support.testing import make_request

    if SupportRequest.objects.count() < 15:
        for number in range(10):
            make_request(forum_member(), subject=f"The chat is slow on page {number}")
    return "/support/desk/"


def forum_page(name: str) -> Callable[[], str]:
    """A page of a post that the demo's member wrote."""

    def find() -> str:
        from forum.models import Topic

        return f"/forum/t/{Topic.objects.get(title__startswith='Chat does not appear').public_id}/p/1/{name}/"

    return find


KEYSET = "lists go on by the place of their last row"
MODERATION = "of the moderators, and of the report"
CATEGORY_OTHER = {
    "page": KEYSET, "pager": KEYSET, "tag": "topics stand in categories, and are found by search",
    "switch": "a button: it works without scripts",
}  # fmt: skip
TOPIC_OTHER = {
    **dict.fromkeys(
        ("choice", "dialog", "dialog-body", "field", "opt", "is-danger", "menu-flat", "mod-box", "panel", "panel-foot",
         "panel-head", "push"), MODERATION,
    ),
    "badge-accent": "no post of our staff is in the demo", "post-hidden": "no post is hidden in the demo",
    "tag": CATEGORY_OTHER["tag"],
}  # fmt: skip


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


def _leader() -> Any:
    from accounts.models import Membership

    return Membership.objects.select_related("account", "user").get(user=owner())


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


def access_owner() -> Any:
    """The owner of the demo company, with twelve addresses on the list and colleagues who logged in from some."""
    from allauth.usersessions.models import UserSession

    from accounts.actions import add_access_rule
    from accounts.models import AccessRule, Membership
    from accounts.scoping import account_scope

    leader = _leader()
    if AccessRule.of(leader.account).exists():
        return leader.user
    with account_scope(leader.account):
        add_access_rule(by=leader, network="198.51.100.0/24", label="Shop, ground floor")
        add_access_rule(by=leader, network="2001:db8:12::/48", label="Workshop")
        for number in range(10):
            add_access_rule(by=leader, network=f"192.0.2.{number}", label=f"Stand {number}")
    seen = ("198.51.100.9", "192.0.2.60", "2001:db8:12::7")
    others = Membership.objects.filter(account=leader.account).exclude(pk=leader.pk)
    for member, address in zip(others, seen, strict=False):
        UserSession.objects.create(user=member.user, session_key=f"look{member.pk}", ip=address, user_agent="look")
    return leader.user


def lock_oneself_out(page: Any) -> None:
    """Chooses the list from an address that is not on it."""
    page.check("[name=mode][value=listed]")
    page.click(".action-bar button[type=submit]")
    page.wait_for_selector(".error-summary")


def keys_owner() -> Any:
    """The owner of the demo company, with twelve API keys, one of them revoked."""
    from accounts.actions import create_api_key, revoke_api_key
    from accounts.models import ApiKey
    from accounts.scoping import account_scope

    leader = _leader()
    with account_scope(leader.account):
        if not ApiKey.objects.exists():
            for number in range(12):
                key, _secret = create_api_key(
                    membership=leader, name=f"Import of branch {number}", scopes=["team.edit", "profile.read"], days=90
                )
            revoke_api_key(key=key, by=leader)
    return leader.user


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


def make_a_key(page: Any) -> None:
    """Has a key made, which the page then shows once."""
    page.fill("[name=name]", "Nightly import")
    page.click("main form button:has-text('Make the key')")
    page.wait_for_selector("#secret")


def keep_owner_out() -> str:
    """The console, for the owner of an account that lets nobody in from here."""
    from accounts.models import Account

    access_owner()
    Account.objects.filter(pk=_leader().account_id).update(access_mode="listed")
    return "/app/settings/access/"


def recovery_link() -> str:
    """The page behind the link that opens the door again."""
    from accounts.actions import send_recovery_links
    from accounts.links import recovery_url
    from accounts.models import AccessRecovery
    from accounts.scoping import account_scope

    leader = _leader()
    with account_scope(leader.account):
        send_recovery_links(account=leader.account, asked_by=leader.user_id)
        link = AccessRecovery.objects.latest("pk")
    return "/app" + recovery_url(link).partition("/app")[2]


CONSOLE_LATER = {
    "sub": "of a saved reply: shown while one types #",
    "badge": "of a colleague in the transfer: drawn when it opens",
    "badge-ok": "of a colleague in the transfer: drawn when it opens",
    "badge-wait": "of a colleague in the transfer: drawn when it opens",
}
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

PROFILE_LATER = dict.fromkeys(
    ("table", "table-plain", "table-wrap", "notify", "switch", "faint", "sub"),
    "what we write about is chosen on a page of its own",
)


def choose_a_wrong_name(page: Any) -> None:
    """Sends a name that no member may have, and no age."""
    page.fill("#member-display_name", "www.specimen.example")
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.click("main form button[type=submit]")
    page.wait_for_selector("#member-age-error")


def say_too_young(page: Any) -> None:
    """Answers that one is a child."""
    page.check("[value=child]")
    page.click("main form button[type=submit]")
    page.get_by_role("heading", name="You can read here").wait_for()


def photographed_owner() -> Any:
    """The owner of the demo company, with a photo and twelve changes of the profile."""
    from accounts.actions import become_member, block_member, change_profile, set_photo
    from accounts.models import ProfileChange
    from accounts.testing import make_public, make_user
    from accounts.tests.pictures import plain

    user = owner()
    if not user.display_name:
        become_member(user=user, display_name="Ada on two wheels", is_minor=False)
        block_member(user=user, other=make_public(make_user(), "Loud Neighbour"))
    if not user.photo_key:
        set_photo(user=user, data=plain((640, 480)))
    while ProfileChange.objects.filter(user=user).count() < 12:
        change_profile(user=user, name=user.name, surname=user.surname, language="en", time_zone="Europe/Warsaw")
        change_profile(user=user, name=user.name, surname=user.surname, language="en", time_zone="")
    return user


def list_this_log_in(page: Any) -> None:
    """Lists the browser's session as a log-in does: the walk's browsers get theirs without logging in."""
    from allauth.usersessions.models import UserSession

    [key] = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "session"]
    UserSession.objects.get_or_create(
        session_key=key, defaults={"user": owner(), "ip": "203.0.113.24", "user_agent": "Firefox/140.0 (Linux)"}
    )
    page.reload()


def leave_with_a_wrong_password(page: Any) -> None:
    """Opens the dialog that deactivates, and types a wrong password."""
    page.click("button[commandfor=bye]")
    page.fill("#bye-password", "not the password")
    page.click("#bye button[type=submit]")
    page.wait_for_selector("#bye-error")


LOOKS: list[Look] = [
    Look(
        "landing",
        "/",
        "landing",
        left_out={
            "area": "the report chart is a later order", "chart": "the report chart is a later order",
            "gridline": "the report chart is a later order", "line-1": "the report chart is a later order",
            "cookie-note": "there is nothing to consent to: only needed cookies exist",
            "launcher": "our own support chat is a later order",
            "price": NO_PRICE, "price-tag": NO_PRICE,
            "quote": "no customer has said anything yet", "quote-row": "no customer has said anything yet",
            "sub": "no customer has said anything yet", "why": "no customer has said anything yet",
            "late": "shown only while a check is late or broken",
        },
    ),
    Look("signup", "/account/signup/", "signup"),
    Look("signup-errors", "/account/signup/", "signup-errors", before=submit_empty),
    Look(
        "login", "/account/login/", "login",
        left_out=dict.fromkeys(("openid", "more", "panel", "panel-body", "hint"), TYPED_ADDRESS),
    ),
    Look("to-provider", "/account/login/", before=press_facebook),
    Look("policy", "/policy/diff/1/2/", "policy"),
    Look("policy-read", "/policy/"),
    Look("policy-checks", "/policy/versions/2/checks/"),
    Look("promises", "/promises/", "promises", rows=".promise"),
    Look("data-map", "/privacy/data/", rows="tbody tr"),
    Look("support", "/support/", "support", user=owner, left_out=SUPPORT_OTHER),
    Look("support-found", "/support/?q=chat"),
    Look("request-new", "/support/requests/new/", "request-new", user=owner, left_out=NEW_OTHER),
    Look("request-new-guest", "/support/requests/new/"),
    Look("request-track", request_path("Invoice"), "request-track", user=owner, left_out=TRACK_OTHER),
    Look("request-solved", request_path("Two-step"), user=owner),
    Look("request-list", "/support/requests/", user=owner),
    Look("request-lost", "/support/requests/lost/"),
    Look("request-locked", "/support/requests/1/", status=404),
    Look("requests", busy_desk, "requests", user=agent, left_out=DESK_OTHER, rows="tbody tr"),
    Look("desk-request", request_path("Import says", desk=True), user=agent),
    Look("desk-replies", "/support/desk/replies/", user=agent),
    Look("desk-hours", "/support/desk/hours/", user=agent),
    Look("forum", "/forum/"),
    Look(
        "forum-category", busy_category, "forum-category", user=forum_member, rows=".topic-rows > li",
        left_out=CATEGORY_OTHER,
    ),
    Look("forum-topic", forum_topic, "forum-topic", user=forum_member, left_out=TOPIC_OTHER),
    Look("forum-stranger", forum_topic),
    Look("forum-search", "/forum/?q=chat"),
    Look("forum-new", "/forum/new/", user=forum_member),
    Look("forum-new-first", "/forum/c/ideas/new/", user=owner),
    Look("forum-edit", forum_page("edit"), user=forum_member),
    Look("forum-delete", forum_page("delete"), user=forum_member),
    Look("forum-history", forum_page("history")),
    Look("forum-mine", "/forum/mine/", user=forum_member),
    Look("forum-drafts", "/forum/drafts/", user=forum_member),
    Look("not-found", "/nothing/is/here/", status=404),
    Look("console-list", "/app/chats/", user=owner, rows=".chat-row"),
    Look("console", tagged_chat, "console", user=owner, rows=".chat-row", left_out=CONSOLE_LATER),
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
    Look("settings-access", "/app/settings/access/", "settings-access", user=access_owner, rows="tbody tr",
         before=lock_oneself_out, status_after=400,
         left_out={"dot": "the own state is shown in the console", "dot-on": "the own state is shown in the console"}),
    Look("settings-access-calm", "/app/settings/access/", user=access_owner, rows="tbody tr"),
    Look("routing", "/app/settings/routing/", user=grouped_owner),
    Look("groups", "/app/settings/groups/", user=grouped_owner, rows="tbody tr"),
    Look("hours", "/app/settings/hours/", user=grouped_owner, before=enter_wrong_hours, status_after=400),
    Look("api-keys", "/app/settings/keys/", user=keys_owner, rows="tbody tr"),
    Look("api-key-made", "/app/settings/keys/", user=keys_owner, rows="tbody tr", before=make_a_key),
    Look("kept-out", keep_owner_out, user=access_owner, status=403),
    Look("recover", recovery_link, user=access_owner),
    Look("profile", "/app/profile/", "profile", user=photographed_owner, rows="#changes li", before=list_this_log_in,
         left_out=PROFILE_LATER),
    Look("profile-wrong-password", "/app/profile/", user=photographed_owner, before=leave_with_a_wrong_password,
         status_after=400),
    Look("member", "/app/profile/public/?next=/policy/", user=owner),
    Look("member-wrong", "/app/profile/public/", user=owner, before=choose_a_wrong_name, status_after=400),
    Look("member-too-young", "/app/profile/public/", user=owner, before=say_too_young),
    Look("preferences", "/app/preferences/", user=owner),
    Look("sessions", "/account/sessions/", user=owner),
    Look("second-factor", "/account/2fa/", user=owner),
    Look("password-reset", "/account/password/reset/"),
    *tool_looks(),
    *rules_looks(),
]  # fmt: skip
