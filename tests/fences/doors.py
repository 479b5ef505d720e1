"""The table of doors: for each name of the resolver how its owner uses it, with real objects, and what others get.

A door of the resolver or of the command registry that is not in this table fails the fence test, and so does a line
here that no door has.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from audit.models import RecipientRecord
from chat.files.store import make_link_token
from chat.testing import PDF
from tests.fences.archive_doors import ARCHIVE
from tests.fences.bubble_doors import BUBBLE, own_token
from tests.fences.case_doors import CASES
from tests.fences.consent_doors import CONSENT
from tests.fences.enforcement_doors import ENFORCEMENT
from tests.fences.erasure_doors import ERASURE
from tests.fences.forum_doors import FORUM
from tests.fences.kinds import JSON, READ, Arguments, Door, Kind, nothing
from tests.fences.ledger_doors import LEDGER
from tests.fences.moderation_doors import MODERATION
from tests.fences.policy_doors import POLICY
from tests.fences.queue_doors import QUEUE
from tests.fences.report_doors import REPORTS
from tests.fences.sign_in_doors import PROVIDERS
from tests.fences.support_doors import REQUESTS
from tests.fences.team_doors import TEAM
from tests.fences.tool_doors import SURVEYS, TOOLS
from tests.fences.visitor_doors import FORM, LINKS, PREFILL
from tests.fences.world import COMPANY, SUMMARY, World


def chat_of(name: str) -> Arguments:
    return lambda world: {"public_id": getattr(world, name).public_id}


def version(kind: str) -> Arguments:
    return lambda world: {"number": next(one.number for one in world.versions if one.kind == kind)}


def diff(kind: str) -> Arguments:
    return lambda world: {"old": 1, "new": version(kind)(world)["number"]}


# ---- the account's own pages ----
CHAT = {
    "chat:console": Door(Kind.OWN, get=READ),
    "chat:chat": Door(Kind.THING, args=chat_of("open_chat"), get=READ),
    "chat:visitors": Door(Kind.OWN, get=READ),
    "chat:archive": Door(Kind.OWN, get={"q": "needle"}),
    "chat:transcript": Door(Kind.THING, args=chat_of("closed_chat"), get=READ),
    "chat:transcript_text": Door(Kind.THING, args=chat_of("closed_chat"), get=READ),
    "chat:widget_settings": Door(
        Kind.OWN,
        get=READ,
        post=lambda world: {
            "name": "Ours", "greeting": "Hi", "allowed_origins": "https://x.example", "brand_colour": "#102030",
            "widget": world.widget.pk, "key": world.widget.key,
        },
    ),
    "chat:ticket": Door(Kind.OWN, post=nothing),
    "chat:frame": Door(
        Kind.PUBLIC, args=lambda world: {"key": world.widget.key}, get=READ, why="the key stands in a public page"
    ),
    "chat:open_widget": Door(
        Kind.SECRET,
        post=lambda world: {"key": world.widget.key, "secret": world.secret},
        content_type=JSON,
        forge=lambda world: [({}, {"key": world.cake_widget.key, "secret": world.secret})],
        refused=(200,),
        why="another account's widget does not know the secret and makes a visitor of its own",
    ),
}  # fmt: skip


def wrong_secrets(world: World) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """A secret that was rotated away, one with a changed letter, and the public things that stand near it."""
    turned = world.secret[:-1] + ("A" if world.secret[-1] != "A" else "B")
    tries = [world.rotated, turned, str(world.dave.public_id), world.dave.secret_hash, "", world.widget.key]
    return [({}, {"secret": text}) for text in tries]


KEPT = {
    name: Door(Kind.SECRET, post=lambda world: {"secret": world.secret}, content_type=JSON, forge=wrong_secrets)
    for name in ("chat:kept", "chat:download", "chat:delete")
}


def upload(world: World, **fields: Any) -> dict[str, Any]:
    return {**fields, "file": SimpleUploadedFile("bill.pdf", PDF)}


def wrong_words(world: World) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The signed word of a file's address: changed, of another file, of another visitor, and none."""
    file, visitor = world.file.public_id, world.dave.public_id
    word = make_link_token(visitor, file)
    others = [make_link_token(visitor, visitor), make_link_token(file, file), "none", *forged(word, ":")[:3]]
    return [({"public_id": file, "token": other}, {}) for other in others]


FILES = {
    "chat:file": Door(Kind.THING, args=lambda world: {"public_id": world.file.public_id}, get=READ),
    "chat:file_upload": Door(Kind.THING, post=lambda world: upload(world, chat=str(world.open_chat.public_id))),
    "chat:file_upload_of_visitor": Door(
        Kind.SECRET,
        post=lambda world: upload(world, secret=world.secret),
        forge=lambda world: [({}, upload(world, **body)) for _args, body in wrong_secrets(world)],
    ),
    "chat:file_links": Door(
        Kind.SECRET,
        post=lambda world: {"secret": world.secret, "ids": [str(world.file.public_id)]},
        content_type=JSON,
        forge=wrong_secrets,
    ),
    "chat:file_of_visitor": Door(
        Kind.SECRET,
        args=lambda world: {
            "public_id": world.file.public_id, "token": make_link_token(world.dave.public_id, world.file.public_id),
        },
        get=READ,
        forge=wrong_words,
    ),
}  # fmt: skip

PEOPLE = {
    "accounts:profile": Door(
        Kind.PERSON,
        get=READ,
        post=lambda world: {"name": "New", "surname": "Name", "language": "en", "user": world.alice.pk},
    ),
    "accounts:member": Door(
        Kind.PERSON,
        get=READ,
        post=lambda world: {"display_name": "Thread", "age": "minor", "user": world.alice.pk},
    ),
    "accounts:block": Door(Kind.PERSON, args=lambda world: {"handle": world.pat.handle}, post=nothing),
    "accounts:unblock": Door(Kind.THING, args=lambda world: {"pk": world.blocked.pk}, post=nothing),
    "accounts:company": Door(
        Kind.OWN,
        get=READ,
        post=lambda world: {
            "company": "Renamed", "address": "2 Other Road", "website": "https://renamed.example", "time_zone": "UTC",
            "chat_keep_days": "30", "account": world.acme.public_id,
        },
    ),
    "accounts:switch": Door(Kind.THING, post=lambda world: {"account": world.acme.public_id}),
    "notifications:preferences": Door(Kind.OWN, get=READ),
    "notifications:choose": Door(
        Kind.OWN,
        post=lambda world: {"kind": SUMMARY, "is_on": "", "user": world.alice.pk, "account": world.acme.pk},
    ),
    "notifications:try_again": Door(Kind.OWN, post=lambda world: {"email": world.alice.email}),
    "notifications:unsubscribe": Door(
        Kind.SECRET,
        args=lambda world: {"token": world.unsubscribe_token},
        get=READ,
        post=lambda world: {"List-Unsubscribe": "One-Click"},
        forge=lambda world: [({"token": token}, {}) for token in forged(world.unsubscribe_token, ".")],
    ),
}  # fmt: skip


def forged(token: str, sep: str) -> list[str]:
    """A signed word with another body, with another signature, and without one."""
    body, _, signature = token.rpartition(sep)
    turn = "A" if body[0] != "A" else "B"
    return [turn + body[1:] + sep + signature, body + sep + signature[::-1], body, body + sep]


# ---- logging in (django-allauth) ----
SIGN_IN = {
    "account_login": Door(
        Kind.PUBLIC, get=READ, post=lambda world: {"login": world.alice.email, "password": "not her password"}
    ),
    "account_logout": Door(Kind.PUBLIC, get=READ, post=nothing),
    "account_inactive": Door(Kind.PUBLIC, get=READ),
    "account_signup": Door(
        Kind.PUBLIC,
        get=READ,
        post=lambda world: {
            "email": world.alice.email, "password1": "a bicycle for two people", "name": "Mallory", "surname": "M",
            "company": "M", "address": "1 Road", "website": "https://mallory.example", "age": "on",
            "policy": ",".join(f"{one.kind}:{one.number}" for one in sorted(world.versions, key=lambda v: v.kind)),
        },
        adds=("outbox.Delivery",),
        why="the address has a login: its owner is told by mail, and the page looks the same",
    ),
    "account_reauthenticate": Door(Kind.PERSON, get=READ, post=lambda world: {"password": "not her password"}),
    "account_email": Door(
        Kind.PERSON, get=READ, post=lambda world: {"action_remove": "", "email": world.new_address.email}
    ),
    "account_email_verification_sent": Door(Kind.PUBLIC, get=READ),
    "account_change_password": Door(
        Kind.PERSON,
        get=READ,
        post=lambda world: {
            "oldpassword": "not her password", "password1": "a tandem for two people", "user": world.alice.pk,
        },
    ),
    "account_set_password": Door(
        Kind.PERSON, get=READ, post=lambda world: {"password1": "a tandem for two people", "user": world.alice.pk}
    ),
    "account_reset_password": Door(
        Kind.PUBLIC,
        get=READ,
        post=lambda world: {"email": world.alice.email},
        adds=("outbox.Delivery",),
        why="anybody may ask for a mail with a new-password link; it goes to alice",
    ),
    "account_reset_password_done": Door(Kind.PUBLIC, get=READ),
    "account_reset_password_from_key": Door(
        Kind.SECRET,
        args=lambda world: world.reset_parts,
        get=READ,
        post=lambda world: {"password1": "a tandem for two people", "password2": "a tandem for two people"},
        forge=lambda world: [
            ({**world.reset_parts, "key": key}, {"password1": "a tandem for two people"})
            for key in [*forged(world.reset_parts["key"], "-")[:2], "set-password"]
        ],
        refused=(200, 404),
    ),
    "account_reset_password_from_key_done": Door(Kind.PUBLIC, get=READ),
    "account_confirm_email": Door(
        Kind.SECRET,
        args=lambda world: {"key": world.confirmation_key},
        get=READ,
        post=nothing,
        forge=lambda world: [({"key": key}, {}) for key in forged(world.confirmation_key, ":")[:3]],
        refused=(200, 404),
    ),
    "account_request_login_code": Door(
        Kind.PUBLIC,
        get=READ,
        post=lambda world: {"email": world.alice.email},
        adds=("outbox.Delivery",),
        why="anybody may ask for a code; it goes to alice",
    ),
    "account_confirm_login_code": Door(Kind.PUBLIC, get=READ, post=lambda world: {"code": "ABC123"}),
    "mfa_index": Door(Kind.PERSON, get=READ),
    "mfa_authenticate": Door(Kind.PUBLIC, get=READ, post=lambda world: {"code": "123456"}),
    "mfa_reauthenticate": Door(Kind.PERSON, get=READ, post=lambda world: {"code": "123456"}),
    "mfa_activate_totp": Door(Kind.PERSON, get=READ, post=lambda world: {"code": "123456"}),
    "mfa_deactivate_totp": Door(Kind.PERSON, get=READ, post=nothing),
    "mfa_view_recovery_codes": Door(Kind.PERSON, get=READ),
    "mfa_generate_recovery_codes": Door(Kind.PERSON, get=READ, post=nothing),
    "mfa_download_recovery_codes": Door(Kind.PERSON, get=READ),
    "mfa_list_webauthn": Door(Kind.PERSON, get=READ),
    "mfa_add_webauthn": Door(Kind.PERSON, get=READ, post=lambda world: {"name": "Key", "credential": "{}"}),
    "mfa_reauthenticate_webauthn": Door(Kind.PERSON, get=READ, post=lambda world: {"credential": "{}"}),
    "mfa_remove_webauthn": Door(Kind.THING, args=lambda world: {"pk": world.passkey.pk}, get=READ, post=nothing),
    "mfa_edit_webauthn": Door(
        Kind.THING, args=lambda world: {"pk": world.passkey.pk}, get=READ, post=lambda world: {"name": "Renamed"}
    ),
    "mfa_login_webauthn": Door(Kind.PUBLIC, get=READ, post=lambda world: {"credential": "{}"}),
    "usersessions_list": Door(Kind.PERSON, get=READ, post=lambda world: {"session": world.session.pk}),
}  # fmt: skip

# ---- what everybody may read, and what is for those who run the site ----
PUBLIC = {
    "landing": Door(Kind.PUBLIC, get=READ),
    "healthz": Door(Kind.PUBLIC, get=READ, why="for the machine that watches the site: one word"),
    "readyz": Door(Kind.PUBLIC, get=READ, why="for the machine that watches the site: figures without names"),
    "privacy:promises": Door(Kind.PUBLIC, get=READ),
    "privacy:promises_json": Door(Kind.PUBLIC, get=READ),
    "privacy:data_map": Door(Kind.PUBLIC, get=READ),
    "privacy:yourdata": Door(
        Kind.PUBLIC, get=READ, why="each reads their own; who is not known is asked for an address"
    ),
    "privacy:yourdata_start": Door(
        Kind.PUBLIC, get=READ, post=lambda world: {"email": "nobody-known@specimen.example"}
    ),
    "privacy:yourdata_code": Door(Kind.PUBLIC, get=READ, post=lambda world: {"code": "000000"}),
    "privacy:yourdata_forget": Door(Kind.PUBLIC, post=nothing, why="it ends what this browser had proved"),
    "privacy:yourdata_chat": Door(
        Kind.PUBLIC, post=lambda world: {"ticket": "none"}, why="a ticket of the chat's own door opens it, nothing else"
    ),
    "privacy:yourdata_choose": Door(Kind.PERSON, post=lambda world: {"choice": "statistics", "is_on": "on"}),
    "privacy:yourdata_withdraw": Door(
        Kind.THING, args=lambda world: {"public_id": world.receipt.public_id}, post=nothing
    ),
    "privacy:yourdata_ask": Door(Kind.PERSON, post=nothing),
    "privacy:yourdata_copy": Door(Kind.THING, args=lambda world: {"public_id": world.data_copy.public_id}, get=READ),
    "privacy:yourdata_file": Door(Kind.THING, args=lambda world: {"public_id": world.data_copy.public_id}, get=READ),
    "privacy:yourdata_kind": Door(Kind.PERSON, args=lambda world: {"model": "accounts.User"}, get=READ),
    "metrics": Door(
        Kind.SECRET,
        get=READ,
        headers=(("Authorization", "Bearer metrics-token-of-the-test"),),
        forge=lambda world: [({}, {})],
        why="the token is in the header: a stranger has none",
    ),
}
for _kind in ("policy", "terms"):
    PUBLIC |= {
        f"policies:{_kind}": Door(Kind.PUBLIC, get=READ),
        f"policies:{_kind}_version": Door(Kind.PUBLIC, args=version(_kind), get=READ),
        f"policies:{_kind}_checks": Door(Kind.PUBLIC, args=version(_kind), get=READ),
        f"policies:{_kind}_compare": Door(Kind.PUBLIC, get={"from": "1", "to": "1"}),
        f"policies:{_kind}_diff": Door(Kind.PUBLIC, args=diff(_kind), get=READ),
        f"policies:{_kind}_accept": Door(
            Kind.PERSON, post=lambda world, kind=_kind: version(kind)(world) | {"user": world.alice.pk}
        ),
    }
DEVELOPMENT = {
    "dev_mails": Door(Kind.DEVELOPMENT, get=READ),
    "dev_mail": Door(Kind.DEVELOPMENT, args=lambda world: {"name": world.mail_name}, get=READ),
    "dev_mail_html": Door(Kind.DEVELOPMENT, args=lambda world: {"name": world.mail_name}, get=READ),
}

# ---- the administration ----
ROWS: dict[str, tuple[Callable[[World], Any], Arguments | None]] = {
    "chat_chat": (lambda world: world.open_chat, None),
    "accounts_account": (
        lambda world: world.acme,
        lambda world: {"active_until_0": "2030-01-01", "active_until_1": "00:00:00"},
    ),
    "accounts_user": (lambda world: world.alice, lambda world: {"is_staff": "on"}),
    "accounts_membership": (lambda world: world.bob_member, None),
    "policies_legalentity": (lambda world: world.entity, None),
    "policies_framework": (lambda world: world.framework, None),
    "policies_disputebody": (lambda world: world.dispute_body, None),
    "policies_doubt": (lambda world: world.doubt, lambda world: {"finding": "The check was right."}),
    "policies_officercontact": (lambda world: world.contact, None),
    "policies_version": (lambda world: world.versions[0], None),
    "audit_recipientrecord": (
        lambda world: RecipientRecord.objects.get(key="mail"),
        lambda world: {"review_on": str(timezone.now().date()), "note": "Looked at"},
    ),
    "outbox_delivery": (lambda world: world.delivery, None),
    "accounts_signinprovider": (lambda world: world.provider, None),
    "accounts_staffassignment": (lambda world: world.assignment, None),
    "notifications_campaign": (lambda world: world.campaign, lambda world: {"subject": "Renamed", "text": "News"}),
    "forum_category": (lambda world: world.talk.category, lambda world: {"name": "Renamed"}),
}


def _admin_doors(model: str, find: Callable[[World], Any], change: Arguments | None) -> dict[str, Door]:
    def at(world: World) -> dict[str, Any]:
        return {"object_id": str(find(world).pk)}

    chosen: Arguments = lambda world: {"action": "", "_selected_action": str(find(world).pk)}  # noqa: E731
    adds = model.startswith("policies_") or model in (
        "accounts_signinprovider",
        "accounts_staffassignment",
        "forum_category",
        "notifications_campaign",
    )
    removes = model == "accounts_staffassignment"
    never = "rows are made and removed by actions of the product, never by hand"
    return {
        f"admin:{model}_changelist": Door(Kind.STAFF, get=READ, post=chosen),
        f"admin:{model}_add": Door(Kind.STAFF, get=READ) if adds else Door(Kind.SHUT, get=READ, why=never),
        f"admin:{model}_history": Door(Kind.STAFF, args=at, get=READ),
        f"admin:{model}_delete": Door(Kind.STAFF, args=at, get=READ, post=lambda world: {"post": "yes"})
        if removes
        else Door(Kind.SHUT, args=at, get=READ, post=lambda world: {"post": "yes"}, why=never),
        f"admin:{model}_change": Door(Kind.STAFF, args=at, get=READ, post=change),
        f"admin/{model.replace('_', '/', 1)}/<path:object_id>/": Door(
            Kind.STAFF, args=lambda world: at(world), get=READ, why="Django's older address of the change page"
        ),
    }


ADMIN = {
    "admin:index": Door(Kind.STAFF, get=READ),
    "admin:app_list": Door(Kind.STAFF, args=lambda world: {"app_label": "accounts"}, get=READ),
    "admin:login": Door(Kind.STAFF, get=READ),
    "admin:logout": Door(Kind.PUBLIC, get=READ, post=nothing, why="leads to the log-out page of the site"),
    "admin:password_change": Door(Kind.STAFF, get=READ),
    "admin:password_change_done": Door(Kind.STAFF, get=READ),
    "admin:autocomplete": Door(Kind.SHUT, get={"app_label": "chat", "model_name": "chat", "field_name": "visitor"},
                               why="no list of the administration searches by it"),
    "admin:jsi18n": Door(Kind.PUBLIC, get=READ, why="Django's words for scripts, without data"),
    "admin:view_on_site": Door(
        Kind.SHUT, args=lambda world: {"content_type_id": "1", "object_id": str(world.acme.pk)}, get=READ,
        why="our models have no address of their own",
    ),
    "admin/(?P<url>.*)$": Door(Kind.SHUT, args=lambda world: {"url": "no/such/page/"}, get=READ,
                               why="every other address below /admin/"),
}  # fmt: skip
for _model, (_find, _change) in ROWS.items():
    ADMIN |= _admin_doors(_model, _find, _change)

DOORS: dict[str, Door] = {
    **POLICY,
    **CHAT, **KEPT, **FILES, **PEOPLE, **SIGN_IN, **PUBLIC, **DEVELOPMENT, **ADMIN, **TEAM, **TOOLS, **SURVEYS, **LINKS,
    **REQUESTS, **FORM, **ARCHIVE, **QUEUE, **BUBBLE, **REPORTS, **PROVIDERS, **PREFILL, **FORUM,
    **MODERATION, **CASES, **ENFORCEMENT,
    **MODERATION, **ERASURE,
    **MODERATION, **LEDGER,
    **MODERATION, **CONSENT,
}  # fmt: skip


# ---- commands of the sockets ----
@dataclass(frozen=True)
class CommandDoor:
    """One command. `frame(chat)` is what its owner sends about a chat, and what a stranger sends about the same chat;
    a value in it that is a function is asked with the world.

    `answer` is the type of the frame that its owner gets. `refused` is the code that a stranger gets; "" where the
    command names no object: then it reaches the stranger's own account only.
    """

    frame: Callable[[str], dict[str, Any]]
    answer: str
    refused: str = ""


MESSAGE_ID = "0193a1b2-0000-7000-8000-00000000000"
OPERATOR = {
    "hello": CommandDoor(lambda chat: {}, "ready"),
    "open": CommandDoor(lambda chat: {"chat": chat}, "lines", "not_found"),
    "leave": CommandDoor(lambda chat: {"chat": chat}, ""),
    "accept": CommandDoor(lambda chat: {"chat": chat}, "took", "not_found"),
    "msg": CommandDoor(lambda chat: {"chat": chat, "id": MESSAGE_ID + "1", "text": "Good morning"}, "ack", "not_found"),
    "typing": CommandDoor(lambda chat: {"chat": chat}, "", "not_found"),
    "read": CommandDoor(lambda chat: {"chat": chat, "seq": 1}, "", "not_found"),
    "since": CommandDoor(lambda chat: {"chat": chat, "seq": 0}, "lines", "not_found"),
    "close": CommandDoor(lambda chat: {"chat": chat}, "board", "not_found"),
    "receivers": CommandDoor(lambda chat: {}, "receivers"),
    "transfer": CommandDoor(
        lambda chat: {"chat": chat, "id": MESSAGE_ID + "a", "note": "Yours", "to": lambda world: world.bob_operator.pk},
        "ack",
        "not_found",
    ),
    "take_over": CommandDoor(lambda chat: {"chat": chat, "id": MESSAGE_ID + "b"}, "took", "not_found"),
    "reopen": CommandDoor(lambda chat: {"chat": chat}, "took", "not_found"),
    "look": CommandDoor(lambda chat: {"chat": chat}, "", "not_found"),
    "note": CommandDoor(lambda chat: {"chat": chat, "id": MESSAGE_ID + "c", "text": "A note"}, "ack", "not_found"),
    "notes": CommandDoor(lambda chat: {"chat": chat}, "notes", "not_found"),
    "mentions": CommandDoor(lambda chat: {}, ""),
    "edit": CommandDoor(
        lambda chat: {"chat": chat, "id": MESSAGE_ID + "d", "seq": 3, "text": "Better"}, "ack", "not_found"
    ),
    "remove": CommandDoor(lambda chat: {"chat": chat, "id": MESSAGE_ID + "e", "seq": 3}, "ack", "not_found"),
    "history": CommandDoor(lambda chat: {"chat": chat, "seq": 3}, "history", "not_found"),
    "draft": CommandDoor(lambda chat: {"chat": chat, "id": MESSAGE_ID + "f", "text": "Dear"}, "draft", "not_found"),
    "tag": CommandDoor(lambda chat: {"chat": chat, "name": "needle tag"}, "tags", "not_found"),
    "taglist": CommandDoor(lambda chat: {}, "taglist"),
    "replies": CommandDoor(lambda chat: {"chat": chat, "q": "needle"}, "replies", "not_found"),
    "used": CommandDoor(lambda chat: {"reply": lambda world: str(world.tools.reply.public_id)}, ""),
    "block": CommandDoor(lambda chat: {"chat": chat, "what": "session", "hours": 1}, "blocks", "not_found"),
    "unblock": CommandDoor(
        lambda chat: {"chat": chat, "block": lambda world: str(world.tools.block.public_id)}, "blocks", "not_found"
    ),
    "status": CommandDoor(lambda chat: {"value": "away"}, "set"),
    "watch": CommandDoor(lambda chat: {"on": True}, "visitors"),
    "board": CommandDoor(lambda chat: {"cursor": 0}, "board"),
    "invite": CommandDoor(lambda chat: {"visitor": lambda world: world.guest, "text": "Hello"}, "invited", "not_found"),
}
VISITOR = {
    "hello": CommandDoor(lambda chat: {}, "ready"),
    "start": CommandDoor(lambda chat: {"id": MESSAGE_ID + "2", "text": "Good morning", "chat": chat}, "ack"),
    "seen": CommandDoor(lambda chat: {"on": True, "chat": chat}, "set"),
    "identify": CommandDoor(lambda chat: {"token": own_token, "chat": chat}, "prefill"),
    "invited": CommandDoor(lambda chat: {"yes": True, "chat": chat}, ""),
    "by_mail": CommandDoor(lambda chat: {"email": "dave@specimen.example", "chat": chat}, "chat"),
    "msg": CommandDoor(lambda chat: {"id": MESSAGE_ID + "3", "text": "Are you there?", "chat": chat}, "ack"),
    "typing": CommandDoor(lambda chat: {"text": "Are", "chat": chat}, ""),
    "peek": CommandDoor(lambda chat: {"on": False, "chat": chat}, "set"),
    "read": CommandDoor(lambda chat: {"seq": 1, "chat": chat}, ""),
    "since": CommandDoor(lambda chat: {"seq": 0, "chat": chat}, "lines"),
    "page": CommandDoor(lambda chat: {"url": "https://acme-bikes.example/x", "chat": chat}, ""),
    "edit": CommandDoor(lambda chat: {"id": MESSAGE_ID + "4", "seq": 1, "text": "Good evening", "chat": chat}, "ack"),
    "remove": CommandDoor(lambda chat: {"id": MESSAGE_ID + "5", "seq": 1, "chat": chat}, "ack"),
    "goal": CommandDoor(lambda chat: {"name": lambda world: world.results.event.word, "chat": chat}, "noted"),
    "sale": CommandDoor(lambda chat: {"amount": "1.00", "currency": "EUR", "order": "A-3", "chat": chat}, "noted"),
    "end": CommandDoor(lambda chat: {"chat": chat}, "chat"),
    "rate": CommandDoor(lambda chat: {"value": "good", "chat": chat}, "msg"),
    "resume": CommandDoor(lambda chat: {"id": MESSAGE_ID + "9", "text": "One more thing", "chat": chat}, "ack"),
}

__all__ = ["COMPANY", "DOORS", "OPERATOR", "VISITOR", "CommandDoor", "Door", "Kind"]
