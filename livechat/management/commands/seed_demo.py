"""Fills a development site with a made-up bike shop: people, thirty days of chats, texts in force."""

import json
import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Account, Membership, User
from accounts.scoping import account_scope
from chat.actions.history import import_history
from chat.actions.widgets import change_widget, ensure_widget
from chat.models import Chat, Widget
from livechat.demo_agent import demo_secret, make_agent
from livechat.demo_cases import fill_cases
from livechat.demo_forum import fill_forum
from livechat.demo_history import History
from livechat.demo_people import ADMIN, AGENT, COLLEAGUES, COMPANY, OWNER, demo_password
from livechat.demo_requests import fill_requests
from livechat.demo_results import fill_results
from livechat.demo_rules import fill_rules
from livechat.demo_tools import ask_before_chats, fill_tools, make_groups
from notifications.actions import set_preference
from operators.actions import ensure_operator, set_chat_limit, set_status
from operators.models import Operator
from policies.actions import publish_version, record_acceptance
from policies.models import Acceptance, Version
from policies.proving import prove
from policies.queries import find_version_in_force

ROOM_FOR_CHATS = 10  # so that who tries the demo can take the chat that they began themselves


class Command(BaseCommand):
    help = "Makes the demo company Acme Bikes with its people and thirty days of chats; run again, it adds nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEV:
            raise CommandError("The demo is for development: its logins are printed. Set LIVECHAT_DEV=1.")
        with transaction.atomic():
            versions = [find_version_in_force(kind) or publish_version(kind=kind) for kind in Version.Kind.values]
            account, members = self._people(versions)
            operators = self._operators(members)
            with account_scope(account):
                widget = self._widget(account, members[0])
                if not Chat.objects.exists():
                    self._history(account, widget, operators, members[0])
                    set_preference(
                        user=members[0].user,
                        account=account,
                        kind="daily_summary",
                        is_on=True,
                        options={"messages": True},
                    )
        fill_forum()
        fill_requests(User.objects.get(email=AGENT.email), members[0].user)
        fill_cases(User.objects.get(email=AGENT.email), members[0].user)
        fill_rules(User.objects.get(email=AGENT.email), members[0].user)
        prove()  # the ledger of promises has its first results at once
        self._tell()

    def _people(self, versions: list[Version]) -> tuple[Account, list[Membership]]:
        """Owner first, then the operators; the administrator and the support agent are nobody's members."""
        password = demo_password()
        owner = User.objects.filter(email=OWNER.email).first() or accounts.register(
            email=OWNER.email,
            password=password,
            name=OWNER.name,
            surname=OWNER.surname,
            versions=versions,
            channel=Acceptance.Channel.SEED,
            verified=True,
            **COMPANY,
        )
        members = [Membership.objects.select_related("account", "user").get(user=owner)]
        account = members[0].account
        for person in COLLEAGUES:
            user = User.objects.filter(email=person.email).first()
            if user is None:
                user = accounts.register_person(
                    email=person.email, password=password, name=person.name, surname=person.surname
                )
                accounts.add_member(account=account, user=user, role=Membership.Role.OPERATOR, by=members[0])
                for version in versions:
                    record_acceptance(user=user, version=version, channel=Acceptance.Channel.SEED)
            members.append(Membership.objects.select_related("account", "user").get(user=user, account=account))
        if not User.objects.filter(email=ADMIN.email).exists():
            accounts.register_staff(
                email=ADMIN.email, password=password, name=ADMIN.name, surname=ADMIN.surname, administrator=True
            )
        make_agent()
        return account, members

    def _operators(self, members: list[Membership]) -> list[Operator]:
        operators = []
        for place, membership in enumerate(members):
            is_new = not Operator.of(membership.account).filter(membership=membership).exists()
            operator = ensure_operator(membership=membership)
            set_chat_limit(operator=operator, limit=ROOM_FOR_CHATS, actor="system")
            if is_new and place == 2:
                set_status(operator=operator, status=Operator.Status.AWAY)
            operators.append(operator)
        return operators

    def _widget(self, account: Account, owner: Membership) -> Widget:
        """The demo's widget, on the company's website and on the second origin that `run` serves."""
        widget = ensure_widget(account=account)
        origins = [account.website, *([settings.DEMO_ORIGIN] if settings.DEMO_ORIGIN else [])]
        if widget.allowed_origins != origins:
            change_widget(widget=widget, by=owner, allowed_origins=origins)
        return widget

    def _history(self, account: Account, widget: Widget, operators: list[Operator], owner: Membership) -> None:
        history = History(
            now=timezone.now(), zone=account.zone, origin=account.website, operators=operators,
            groups=make_groups(owner, operators),
        )  # fmt: skip
        history.make()
        messages = import_history(widget=widget, visitors=history.visitors, chats=history.chats)
        fill_results(account, operators)
        ask_before_chats(widget, owner)
        fill_tools(account, owner, operators)
        self.stdout.write(f"{len(history.chats)} chats with {messages} lines and {len(history.visitors)} visitors.")

    def _tell(self) -> None:
        """Says the logins, and writes them where `run` reads them at each start."""
        people = [("the owner", OWNER), *(("an operator", person) for person in COLLEAGUES), ("administrator", ADMIN)]
        people.append(("support agent", AGENT))
        logins = [{"label": label, "email": person.email, "password": demo_password()} for label, person in people]
        logins[-1]["second_step"] = demo_secret()
        with open(settings.VAR / "demo.json", "w", encoding="utf-8", opener=_for_owner_only) as file:
            json.dump(logins, file, indent=1)
        for login in logins:
            self.stdout.write(f"Log in as {login['label']}: {login['email']}  {login['password']}")
        self.stdout.write(f"The agent's second step: `make code`, or {demo_secret()} in an authenticator app")


def _for_owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
