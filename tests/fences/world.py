"""What stands behind the fence: alice's account with some of everything, and the people who must not see it."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.mail import EmailMessage
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.actions import block_member
from accounts.links import password_reset_path
from accounts.models import Account, MemberBlock, Membership, StaffAssignment, User
from accounts.scoping import account_scope
from accounts.testing import make_public, make_user
from audit.models import Chain, Entry
from chat.actions.chats import close_chat
from chat.actions.visitors import open_widget
from chat.actions.widgets import make_identity_secret
from chat.models import Attachment, Chat, ChatSettings, Message, Visitor, Widget
from chat.testing import DEVICE, PAGE, make_chat, make_operator, make_visitor, make_widget, say, send_file
from livechat.devmail import FileBackend, mail_folder
from notifications.actions import save_campaign, set_preference
from notifications.models import Campaign
from notifications.tokens import Subscription, make_token
from operators.models import Operator
from outbox.models import Delivery
from outbox.testing import make_delivery
from policies.actions import give_consent
from policies.testing import make_records, make_version
from privacy.testing import make_download
from tests.fences.forum_world import make_talk
from tests.fences.ledger_world import make_grants
from tests.fences.passkey import make_credential
from tests.fences.report_world import make_results
from tests.fences.support_world import make_requests
from tests.fences.team_world import make_team
from tests.fences.tool_world import make_tools

# words that stand only in alice's account: an answer to anybody else that holds one of them is a leak
COMPANY = "Needlework Bicycles"
VISITOR_NAME = "Quillfeather Pat"
VISITOR_EMAIL = "quillfeather@specimen.example"
TEXT = "A needle in my front tyre"
SUMMARY = "daily_summary"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass
class World:
    """The cast with their real objects; `anonymous` is None."""

    alice: Any
    bob: Any
    carol: Any
    eve: Any
    sam: Any
    ada: Any
    nik: Any
    pia: Any
    acme: Account
    cakes: Account
    alice_member: Membership
    bob_member: Membership
    carol_member: Membership
    open_chat: Chat = field(init=False)
    waiting_chat: Chat = field(init=False)
    closed_chat: Chat = field(init=False)
    masked_line: Message = field(init=False)
    dave: Visitor = field(init=False)
    daves_chat: Chat = field(init=False)
    file: Attachment = field(init=False)
    secret: str = field(init=False)
    rotated: str = field(init=False)
    widget: Widget = field(init=False)
    cake_widget: Widget = field(init=False)
    alice_operator: Operator = field(init=False)
    bob_operator: Operator = field(init=False)
    carol_operator: Operator = field(init=False)
    passkey: Authenticator = field(init=False)
    session: UserSession = field(init=False)
    new_address: EmailAddress = field(init=False)
    delivery: Delivery = field(init=False)
    versions: list[Any] = field(init=False)
    entity: Any = field(init=False)
    framework: Any = field(init=False)
    contact: Any = field(init=False)
    access_rule: Any = field(init=False)
    api_key: Any = field(init=False)
    recovery_token: str = field(init=False)
    invitation: Any = field(init=False)
    invitation_token: str = field(init=False)
    spreadsheet: bytes = field(init=False)
    draft: Any = field(init=False)
    second_widget: Widget = field(init=False)
    picture: bytes = field(init=False)
    photo_key: str = field(init=False)
    way_back_token: str = field(init=False)
    group: Any = field(init=False)
    tools: Any = field(init=False)
    provider: Any = field(init=False)
    connection: Any = field(init=False)
    asked: Any = field(init=False)  # requests: support_world.py
    solved: Any = field(init=False)
    asked_file: Any = field(init=False)
    guest_request: Any = field(init=False)
    guest_secret: str = field(init=False)
    saved_reply: Any = field(init=False)
    results: Any = field(init=False)
    pat: Any = field(init=False)
    blocked: Any = field(init=False)
    talk: Any = field(init=False)
    assignment: Any = field(init=False)
    grant: Any = field(init=False)  # staff access: ledger_world.py
    emergency: Any = field(init=False)
    demand: Any = field(init=False)
    identity_secret: str = field(init=False)
    data_copy: Any = field(init=False)
    receipt: Any = field(init=False)
    campaign: Any = field(init=False)
    guest: str = ""  # a visitor of acme with an open window and no chat, while the sockets are walked

    def __post_init__(self) -> None:
        Account.objects.filter(pk=self.acme.pk).update(company=COMPANY, address="1 Needle Street, Exampletown")
        self.acme.refresh_from_db()
        self.alice_operator = make_operator(self.alice_member)
        self.bob_operator = make_operator(self.bob_member)
        self.carol_operator = make_operator(self.carol_member)
        self.widget, self.cake_widget = make_widget(self.acme), make_widget(self.cakes)
        with account_scope(self.acme):  # the walk takes longer than two minutes: a mail to the owner would be a change
            ChatSettings.objects.update_or_create(account=self.acme, defaults={"alert_seconds": 0})
        self._make_chats()
        self._make_sign_in()
        for member in (self.alice_member, self.carol_member):
            set_preference(user=member.user, account=member.account, kind=SUMMARY, is_on=True)
        make_version("A first sentence.", kind="policy")
        self.versions = [make_version("A second sentence.", kind="policy"), make_version("Others.", kind="terms")]
        self.entity, self.framework, self.contact = make_records(self.pia)
        make_team(self)
        self.tools = make_tools(self)
        self.results = make_results(self)
        make_requests(self)
        make_public(self.alice, "Needle and Thread")
        self.pat = make_public(make_user(), "Pat in public")
        block_member(user=self.alice, other=self.pat)
        self.talk = make_talk(self)
        self.blocked = MemberBlock.objects.get(user=self.alice)
        self.assignment = StaffAssignment.objects.get(user=self.nik)
        make_grants(self)
        self.identity_secret = make_identity_secret(widget=self.widget, by=self.alice_member)
        self.data_copy = make_download(self.alice)
        yes = {"purpose": "marketing", "text": "A needle of news", "channel": "site"}
        self.receipt = give_consent(subject=f"user:{self.alice.pk}", **yes)
        self.campaign = save_campaign(campaign=Campaign(), subject="News", text="A new bell")
        self.delivery = make_delivery(kind=SUMMARY, recipient=f"user:{self.alice.pk}", account_ref=self.acme.pk)

    def _make_chats(self) -> None:
        named = {"name": VISITOR_NAME, "email": VISITOR_EMAIL}
        self.open_chat = make_chat(self.acme, text=TEXT, operator=self.bob_operator, **named)
        self.waiting_chat = make_chat(self.acme, text=TEXT, **named)
        self.closed_chat = make_chat(self.acme, text=TEXT, operator=self.alice_operator, **named)
        say(self.closed_chat, "Take it to the needle shop", operator=self.alice_operator)
        with scopes_disabled():
            close_chat(chat_pk=self.closed_chat.pk, by=Chat.ClosedBy.OPERATOR, operator=self.alice_operator)
            said = Message.objects.filter(chat=self.closed_chat, author=Message.Author.OPERATOR)
            said.update(masked_at=timezone.now())
            self.masked_line = said.get()
        self.dave = make_visitor(self.acme, **named)
        self.rotated = self.dave.secret  # type: ignore[attr-defined]
        for _ in range(2):  # each opening rotates the secret; the one before the last is nobody's any more
            with account_scope(self.acme):
                self.dave, self.secret = open_widget(widget=self.widget, visitor=self.dave, device=DEVICE, page=PAGE)
        self.daves_chat = make_chat(self.acme, text=TEXT, visitor=self.dave)
        self.file = send_file(self.daves_chat, "needle-bill.pdf")
        make_chat(self.cakes, text="Is there cake?", operator=self.carol_operator, name="Nina")

    def _make_sign_in(self) -> None:
        for person in (self.alice, self.ada):
            TOTP.activate(person, TOTP_SECRET)
            RecoveryCodes.activate(person)
        data = {"name": "Needle key", "credential": make_credential(b"needle key of alice")}
        self.passkey = Authenticator.objects.create(user=self.alice, type=Authenticator.Type.WEBAUTHN, data=data)
        store = SessionStore()
        store["signed_in"] = True
        store.create()
        self.session = UserSession.objects.create(
            user=self.alice, session_key=store.session_key, ip="203.0.113.9", user_agent="Needle browser"
        )
        self.new_address = EmailAddress.objects.create(user=self.alice, email="alice.new@acme-bikes.example")

    # ---- links that are a right by themselves ----
    @property
    def confirmation_key(self) -> str:
        return str(EmailConfirmationHMAC.create(self.new_address).key)

    @property
    def reset_parts(self) -> dict[str, str]:
        uid, _, key = password_reset_path(self.alice).rstrip("/").rpartition("/")[2].partition("-")
        return {"uidb36": uid, "key": key}

    @property
    def unsubscribe_token(self) -> str:
        return make_token(Subscription(SUMMARY, self.alice.public_id, self.acme.public_id))

    @cached_property
    def mail_name(self) -> str:
        """A mail to alice in the folder of a development site."""
        FileBackend().send_messages([EmailMessage(f"For {COMPANY}", TEXT, to=[self.alice.email])])
        return max(path.stem for path in mail_folder().glob("*.eml"))

    # ---- browsers ----
    def browser_of(self, user: Any) -> Client:
        """A browser in which a person has just logged in with a password; None: nobody."""
        client = Client(SERVER_NAME=settings.PUBLIC_HOST)
        if user is not None:
            fresh = User.objects.get(pk=user.pk)
            before = fresh.last_login
            client.force_login(fresh, backend=settings.AUTHENTICATION_BACKENDS[0])
            User.objects.filter(pk=user.pk).update(last_login=before)  # the visit counts, not the log-in
            session = client.session
            session["account_authentication_methods"] = [
                {"method": "password", "at": time.time(), "reauthenticated": True}
            ]
            session["account_authentication_methods_user"] = str(user.pk)
            session.save()
        return client

    # ---- what must not change ----
    def dump(self) -> dict[str, Any]:
        """Every row of alice's account and its people, as {"table:key": values}."""
        with scopes_disabled():
            rows = [*_belongings([self.acme, self.alice, self.bob]), *self._loose_rows()]
            return {f"{row._meta.label}:{row.pk}": _values(row) for row in rows}

    def _loose_rows(self) -> Iterable[Model]:
        """Rows that name the account or its people by a word, not by a key."""
        people = [self.alice, self.bob]
        yield from Delivery.objects.filter(recipient__in=[f"user:{person.pk}" for person in people])
        yield from Delivery.objects.filter(account_ref=self.acme.pk)
        chain = Chain.objects.filter(key=f"account:{self.acme.pk}")
        yield from chain
        yield from Entry.objects.filter(chain__in=chain)
        yield from apps.get_model("sessions.Session").objects.filter(session_key=self.session.session_key)


def _belongings(roots: list[Model]) -> list[Model]:
    """The roots and all that hangs on them through foreign keys, however far."""
    found: dict[tuple[str, Any], Model] = {}
    todo: dict[type[Model], set[Any]] = {}
    for root in roots:
        found[root._meta.label, root.pk] = type(root)._base_manager.get(pk=root.pk)
        todo.setdefault(type(root), set()).add(root.pk)
    while todo:
        model, keys = todo.popitem()
        for relation in model._meta.get_fields(include_hidden=True):
            if not relation.auto_created or relation.concrete or relation.many_to_many:
                continue
            for row in relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": keys}):
                if (row._meta.label, row.pk) not in found:
                    found[row._meta.label, row.pk] = row
                    todo.setdefault(type(row), set()).add(row.pk)
    return list(found.values())


def _values(row: Model) -> dict[str, Any]:
    return {column.attname: getattr(row, column.attname) for column in row._meta.concrete_fields}


def difference(before: dict[str, Any], after: dict[str, Any], allowed: tuple[str, ...] = ()) -> list[str]:
    """What changed between two dumps, in words; rows of the models in `allowed` may be added."""
    said = [f"{name} is gone" for name in before.keys() - after.keys()]
    said += [f"{name} is new" for name in after.keys() - before.keys() if not name.startswith(allowed)]
    for name in before.keys() & after.keys():
        fields = [key for key, value in before[name].items() if after[name][key] != value]
        said += [f"{name}.{key} changed" for key in fields]
    return said
