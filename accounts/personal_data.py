"""Personal data of accounts, and of the tables of Django and allauth that hold people's data."""

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import photo_files
from accounts.changes import CHANGES
from accounts.models import (
    AccessRecovery,
    AccessRule,
    Account,
    ApiKey,
    MemberBlock,
    Membership,
    ProfileChange,
    StaffAssignment,
    User,
)
from core.personal_data import (
    Basis,
    Category,
    Erase,
    PersonalField,
    PersonalModel,
    Purpose,
    Subject,
    SubjectRef,
    registry,
)

SESSION_DAYS = 30
CHANGE_DAYS = 365
ADMIN_LOG_DAYS = 365


def user_pk(ref: SubjectRef) -> int:
    """The primary key of the user, or 0 (nobody) for another subject."""
    return ref.pk if ref.subject is Subject.USER else 0


def forget_photos(keys: list[Any]) -> None:
    """The files of these people's photos go with the commit of the caller's transaction."""
    for photo in User.objects.filter(pk__in=keys).exclude(photo_key="").values_list("photo_key", flat=True):
        photo_files.announce_removal(photo)
        transaction.on_commit(partial(photo_files.remove, photo))


def sessions_of(ref: SubjectRef) -> QuerySet[Session]:
    """The login sessions of a person, found through the list of sessions that allauth keeps."""
    keys = UserSession.objects.filter(user=user_pk(ref)).values("session_key")
    return Session.objects.filter(session_key__in=keys)


def users_of_address(email: str) -> "QuerySet[User]":
    """The log-in that has confirmed this address."""
    confirmed = EmailAddress.objects.filter(email=email.lower(), verified=True)
    return User.objects.filter(pk__in=confirmed.values("user"))


def photo_of(user: Any) -> list[tuple[str, Path]]:
    """The photo of a person, as they gave it."""
    return [("photo.jpg", photo_files.path_of(user.photo_key, photo_files.SIZES[0]))] if user.photo_key else []


def ended_before(model: Any, name: str, days: int) -> Any:
    """A function that gives the rows whose moment `name` lies more than `days` days back."""

    def expired(now: datetime) -> QuerySet[Any]:
        rows: QuerySet[Any] = model.objects.filter(**{f"{name}__lt": now - timedelta(days=days)})
        return rows

    return expired


def account_field(name: str, category: Category, why: Any, label: Any, **changes: Any) -> PersonalField:
    """A field that is asked to run the account."""
    return PersonalField(name, category, Purpose.ACCOUNT, Basis.CONTRACT, why, label=label, **changes)


def security_field(name: str, category: Category, why: Any, label: Any, **changes: Any) -> PersonalField:
    """A field that is kept to find a stolen log-in."""
    return PersonalField(name, category, Purpose.SECURITY, Basis.INTEREST, why, label=label, **changes)


def company_field(name: str, why: Any, label: Any) -> PersonalField:
    """A field of the company: it outlives one of its people, and goes with the account."""
    kept = _("It belongs to the company, and is erased when the account is closed.")
    return account_field(name, Category.COMPANY, why, label, erase=Erase.KEEP, kept_because=kept)


UNTIL_YOU_LEAVE = _("until you leave")

registry.register(
    PersonalModel(
        "accounts.User",
        Subject.USER,
        label=_("Your log-in"),
        is_person=True,
        rows_of=lambda ref: User.objects.filter(pk=user_pk(ref)),
        before_delete=forget_photos,
        of_address=users_of_address,
        files_of=photo_of,
        link="accounts:profile",
        kept=UNTIL_YOU_LEAVE,
        fields=(
            account_field("name", Category.IDENTITY, _("Shown to your team and to visitors you answer."), _("Name")),
            account_field("surname", Category.IDENTITY, _("Shown to your team."), _("Surname")),
            account_field(
                "email",
                Category.CONTACT,
                _("For logging in and service notices."),
                _("E-mail"),
                recipients=("mail",),
            ),
            account_field(
                "password", Category.SECRET, _("To log in. Kept only as an Argon2 hash."), _("Password"), export=False
            ),
            account_field("language", Category.CHOICE, _("The language of pages and mails."), _("Language")),
            account_field(
                "time_zone", Category.CHOICE, _("So that times are shown as your clock shows them."), _("Time zone")
            ),
            account_field(
                "photo_key",
                Category.IDENTITY,
                _("Your photo: shown to your team, to visitors you answer, and beside what you write in the forum."),
                _("Photo"),
            ),
            account_field(
                "over_thirteen_at", Category.RECORD, _("When you said that you are 13 or older."), _("Age answer")
            ),
            account_field(
                "is_minor",
                Category.RECORD,
                _("Whether you said that you are under 18: then your photo stays private."),
                _("Under 18"),
            ),
            account_field(
                "suspended_at", Category.RECORD, _("Since when you cannot write in public, if so."), _("Suspended")
            ),
            account_field(
                "minor_by_staff", Category.RECORD, _("Whether our staff noted it, so that it stays."), _("Noted by us")
            ),
            account_field(
                "display_name",
                Category.IDENTITY,
                _("The name that everybody reads at what you write in the forum."),
                _("Public name"),
            ),
            account_field(
                "handle",
                Category.IDENTITY,
                _("A random word by which others mention you in the forum."),
                _("Public handle"),
            ),
            security_field("last_login", Category.TECHNICAL, _("To spot a stolen log-in."), _("Last log-in")),
            account_field("date_joined", Category.RECORD, _("When the log-in was made."), _("Joined")),
        ),
        not_personal={
            "groups": "Rights of our own staff; a group holds no data of a person.",
            "user_permissions": "Rights of our own staff; a permission holds no data of a person.",
        },
    ),
    PersonalModel(
        "accounts.Account",
        Subject.USER,
        label=_("Your company"),
        rows_of=lambda ref: Account.objects.filter(
            memberships__user=user_pk(ref), memberships__role=Membership.Role.OWNER
        ),
        kept=_("until the account is closed"),
        fields=(
            company_field("company", _("Printed on your invoices; visitors see it in the chat."), _("Company")),
            company_field("address", _("Street, town, country. Printed on your invoices."), _("Address")),
            company_field("website", _("Where the chat will appear."), _("Website")),
        ),
        not_personal={
            "slug": "A short name made from the company's, for our own commands.",
            "time_zone": "A choice of the company: when its day begins.",
        },
    ),
    PersonalModel(
        "accounts.Membership",
        Subject.USER,
        label=_("Your place in an account"),
        is_person=True,
        rows_of=lambda ref: Membership.objects.filter(user=user_pk(ref)),
        kept=_("until you are removed from the account"),
        keys={"user": _("In which company you work, and as what.")},
    ),
)

registry.register(
    PersonalModel(
        "accounts.ProfileChange",
        Subject.USER,
        label=_("Changes of your profile"),
        rows_of=lambda ref: ProfileChange.objects.filter(user=user_pk(ref)),
        expired=ended_before(ProfileChange, "changed_at", CHANGE_DAYS),
        kept=_("1 year"),
        fields=(
            security_field("old_value", Category.IDENTITY, _("So that you see what was there before."), _("Old value")),
            security_field(
                "what", Category.RECORD, _("So that you notice a change you did not make."), _("Change"), words=CHANGES
            ),
        ),
        keys={"user": _("Whose profile was changed.")},
    ),
)

registry.register(
    PersonalModel(
        "accounts.StaffAssignment",
        Subject.USER,
        label=_("Your roles in our staff"),
        rows_of=lambda ref: StaffAssignment.objects.filter(user=user_pk(ref)),
        kept=_("until the role is taken away"),
        keys={"user": _("Who of our staff does what.")},
    ),
    PersonalModel(
        "accounts.MemberBlock",
        Subject.USER,
        label=_("Members whom you blocked"),
        rows_of=lambda ref: MemberBlock.objects.filter(user=user_pk(ref)),
        kept=_("until you unblock them, or one of you leaves"),
        keys={"user": _("Who wants to hear nothing."), "blocked": _("Of whom.")},
    ),
)

# ---- ways into an account -------------------------------------------------------------------------------
KEY_DAYS = 30  # a key or link that has ended is listed that long
GUARDS = _("It is part of who may come into the company's account; its owner removes it there.")


def ended_keys(now: datetime) -> QuerySet[ApiKey]:
    """Keys that were revoked or expired more than KEY_DAYS ago."""
    before = now - timedelta(days=KEY_DAYS)
    rows: QuerySet[ApiKey] = ApiKey.objects.filter(Q(revoked_at__lt=before) | Q(expires_at__lt=before))
    return rows


registry.register(
    PersonalModel(
        "accounts.ApiKey",
        Subject.USER,
        label=_("Your API keys"),
        rows_of=lambda ref: ApiKey.objects.filter(membership__user=user_pk(ref)),
        aged_by="created_at",
        expired=ended_keys,
        kept=_("until 30 days after you revoke it or it expires"),
        fields=(
            security_field("name", Category.CHOICE, _("So that you know the key again."), _("Name of the key")),
            security_field(
                "secret_hash", Category.SECRET, _("To know the key when it is used."), _("Key"), export=False
            ),
            security_field("prefix", Category.TECHNICAL, _("So that you know the key again."), _("Begin of the key")),
            security_field("scopes", Category.CHOICE, _("What the key may do for you."), _("Rights of the key")),
        ),
        keys={"membership": _("Whose key it is.")},
    ),
    PersonalModel(
        "accounts.AccessRule",
        Subject.USER,
        label=_("Addresses from which your team may come in"),
        rows_of=lambda ref: AccessRule.objects.filter(added_by=user_pk(ref)),
        kept=_("until it is removed from the list, or the account is closed"),
        fields=(
            security_field(
                "network",
                Category.TECHNICAL,
                _("To let your team in from there, and nobody from elsewhere."),
                _("Address or network"),
                erase=Erase.KEEP,
                kept_because=GUARDS,
            ),
            security_field(
                "label",
                Category.CHOICE,
                _("So that your team knows the address again."),
                _("Name of the address"),
                erase=Erase.KEEP,
                kept_because=GUARDS,
            ),
        ),
        keys={"added_by": _("Who put it on the list.")},
    ),
    PersonalModel(
        "accounts.AccessRecovery",
        Subject.USER,
        label=_("Links that open the door again"),
        rows_of=lambda ref: AccessRecovery.objects.filter(owner__user=user_pk(ref)),
        expired=ended_before(AccessRecovery, "created_at", KEY_DAYS),
        kept=_("30 days"),
        keys={"owner": _("To which owner the link was mailed.")},
    ),
)

# ---- allauth ------------------------------------------------------------------------------------------
registry.register(
    PersonalModel(
        "account.EmailAddress",
        Subject.USER,
        label=_("Your e-mail addresses"),
        rows_of=lambda ref: EmailAddress.objects.filter(user=user_pk(ref)),
        kept=UNTIL_YOU_LEAVE,
        fields=(
            account_field(
                "email",
                Category.CONTACT,
                _("For logging in and service notices."),
                _("E-mail"),
                recipients=("mail",),
            ),
        ),
        keys={"user": _("Whose address it is, and whether it was confirmed.")},
    ),
    PersonalModel(
        "account.EmailConfirmation",
        Subject.USER,
        label=_("Confirmations of addresses"),
        rows_of=lambda ref: EmailConfirmation.objects.filter(email_address__user=user_pk(ref)),
        expired=ended_before(EmailConfirmation, "created", 7),
        kept=_("7 days"),
        fields=(
            account_field(
                "key", Category.SECRET, _("The key in the link that confirms an address."), _("Key"), export=False
            ),
        ),
    ),
    PersonalModel(
        "mfa.Authenticator",
        Subject.USER,
        label=_("Your second factors"),
        rows_of=lambda ref: Authenticator.objects.filter(user=user_pk(ref)),
        kept=_("until you remove it"),
        fields=(
            security_field(
                "data",
                Category.SECRET,
                _("The secret of the app, or the public key of the passkey."),
                _("Second factor"),
                export=False,
            ),
        ),
        keys={"user": _("Whose second factor it is.")},
        json={"data": "django-allauth and the passkey itself say which; all of it is secret."},
    ),
    PersonalModel(
        "usersessions.UserSession",
        Subject.USER,
        label=_("Your log-ins"),
        rows_of=lambda ref: UserSession.objects.filter(user=user_pk(ref)),
        aged_by="created_at",
        expired=ended_before(UserSession, "created_at", SESSION_DAYS),
        kept=_("30 days"),
        fields=(
            security_field(
                "ip", Category.TECHNICAL, _("To spot a stolen log-in."), _("IP address"), keep_days=SESSION_DAYS
            ),
            security_field(
                "user_agent",
                Category.TECHNICAL,
                _("To spot a stolen log-in."),
                _("Browser and system"),
                keep_days=SESSION_DAYS,
            ),
            security_field(
                "session_key", Category.SECRET, _("To end this log-in from your list."), _("Session"), export=False
            ),
            security_field("data", Category.TECHNICAL, _("How you logged in."), _("Way of logging in")),
        ),
        keys={"user": _("Who logged in.")},
        json={"data": ()},
    ),
)

# ---- sign-in with other services: the library's lists of them and its tokens stay empty -------------------
registry.register(
    PersonalModel(
        "socialaccount.SocialAccount",
        Subject.USER,
        label=_("Your accounts with other services"),
        rows_of=lambda ref: SocialAccount.objects.filter(user=user_pk(ref)),
        kept=_("until you disconnect it"),
        fields=(
            account_field("provider", Category.RECORD, _("Which service opens your login."), _("Service")),
            account_field(
                "uid", Category.IDENTITY, _("Your number there, to know you again when you log in."), _("Number there")
            ),
            account_field(
                "extra_data",
                Category.RECORD,
                _("Which fields you let us take over; not their values."),
                _("Taken over"),
            ),
        ),
        keys={"user": _("Whose account it is.")},
        json={"extra_data": ("gave",)},
    ),
    PersonalModel(
        "socialaccount.SocialApp",
        Subject.NOBODY,
        label=_("Services, a table of the library that stays empty"),
        not_personal=dict.fromkeys(
            ("provider", "provider_id", "name", "client_id", "secret", "key", "settings"), "Stays empty."
        ),
        json={"settings": ()},
    ),
    PersonalModel(
        "socialaccount.SocialToken",
        Subject.NOBODY,
        label=_("Tokens of services, a table of the library that stays empty"),
        not_personal=dict.fromkeys(("token", "token_secret"), "Tokens are not stored."),
    ),
    PersonalModel(
        "accounts.SignInProvider",
        Subject.NOBODY,
        label=_("Services that people may log in with"),
        not_personal=dict.fromkeys(
            ("slug", "name", "issuer", "client_id", "secret", "hosts"), "What an administrator typed about a service."
        ),
    ),
)

# ---- Django -------------------------------------------------------------------------------------------
registry.register(
    PersonalModel(
        "sessions.Session",
        Subject.USER,
        label=_("The session of a browser"),
        rows_of=sessions_of,
        expired=ended_before(Session, "expire_date", 0),
        kept=_("until you log out, at most 14 days"),
        fields=(
            account_field(
                "session_key", Category.SECRET, _("Ties the cookie to your log-in."), _("Session"), export=False
            ),
            account_field(
                "session_data",
                Category.TECHNICAL,
                _("Who is logged in, and which account is open."),
                _("Session data"),
                export=False,
            ),
        ),
    ),
    PersonalModel(
        "admin.LogEntry",
        Subject.USER,
        label=_("What our staff changed in the admin"),
        rows_of=lambda ref: LogEntry.objects.filter(user=user_pk(ref)),
        aged_by="action_time",
        expired=ended_before(LogEntry, "action_time", ADMIN_LOG_DAYS),
        kept=_("1 year"),
        fields=(
            PersonalField(
                "change_message",
                Category.RECORD,
                Purpose.SECURITY,
                Basis.INTEREST,
                _("To know which of our staff changed what."),
                label=_("Change"),
            ),
        ),
        keys={"user": _("Which of our staff acted.")},
        not_personal={
            "object_id": "The number of the row that was changed.",
            "object_repr": "Our models name themselves by number, never by a person's name.",
        },
    ),
    PersonalModel(
        "auth.Group",
        Subject.NOBODY,
        label=_("Groups of our staff"),
        not_personal={"name": "The name of a set of rights."},
    ),
    PersonalModel(
        "auth.Permission",
        Subject.NOBODY,
        label=_("Rights of our staff"),
        not_personal={"name": "The name of a right.", "codename": "The code of a right."},
    ),
    PersonalModel(
        "contenttypes.ContentType",
        Subject.NOBODY,
        label=_("List of tables"),
        not_personal={"app_label": "The name of an app.", "model": "The name of a table."},
    ),
)
