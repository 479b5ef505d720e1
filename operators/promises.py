"""Promises that operators keep: one invitation mail per address, used for nothing else, and removal honoured."""

import tempfile
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import BinaryField, CharField, Count, FileField, OuterRef, Subquery, TextField
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.scoping import scopes_disabled
from core.mail import PurposeError, write_mail
from core.outbound import Letter, registry
from core.personal_data import Purpose
from core.personal_data import registry as data_map
from core.promises import Evidence, build, probe
from notifications.addresses import hash_address
from notifications.models import Suppression
from operators.forms import InviteForm
from operators.imports import count_codes
from operators.models import ImportDraft, ImportRow, Invitation, Operator, StatusChange
from operators.outbound import GIVEN_FOR, address_of
from operators.personal_data import old_changes
from operators.queries import imports_over
from outbox.models import Delivery

KIND = "operator_invite"
LISTS = 20  # of 100 rows each
NEWEST = 2000  # operators whose state is looked at
GRACE = timedelta(days=2)  # the nightly job may miss a night
SWEPT_WITHIN = timedelta(minutes=30)  # lists are deleted every ten minutes
UNDER_WAY = timedelta(minutes=5)  # a mail may be with the mail server when the address is removed
ASKED = frozenset({"name", "email", "role"})


@probe(
    "one_invitation_mail",
    rows=("S96", "P5"),
    how=gettext_lazy(
        "Counts the invitation mails of each invitation, and compares them with one first mail and the presses of "
        "“Send again”; looks for two invitations of one address in an account."
    ),
)
def one_invitation_mail() -> Evidence:
    asked = Delivery.objects.filter(kind=KIND).values("recipient").annotate(mails=Count("pk"))
    mails = {int(row["recipient"].partition(":")[2]): row["mails"] for row in asked}
    with scopes_disabled():  # counts over the whole site, no address is read
        presses = dict(Invitation.objects.filter(pk__in=mails).values_list("pk", "sends"))
        twice = (
            Invitation.objects.values("account", "address_hash").annotate(rows=Count("pk")).filter(rows__gt=1).count()
        )
        total = Invitation.objects.count()
    too_many = sum(1 for pk, count in mails.items() if pk in presses and count > 1 + presses[pk])
    figure = _("%(total)d invitations, %(mails)d mails, %(wrong)d more than asked for") % {
        "total": total,
        "mails": sum(mails.values()),
        "wrong": too_many + twice,
    }
    return Evidence(not too_many and not twice, figure)


@probe(
    "invited_address_locked",
    rows=("S47", "S48", "P8"),
    how=gettext_lazy(
        "Hands an invited address to every kind of mail that is no invitation and expects a refusal; reads which "
        "fields the form and the table of invitations have."
    ),
)
def invited_address_locked() -> Evidence:
    letter = Letter(address_of(Invitation(pk=0, email="nobody@specimen.example", name="Nobody")))
    others = [kind for kind in registry.mail_kinds.values() if kind.purpose is not Purpose.INVITATION]
    taken = 0
    for kind in others:
        try:
            write_mail(kind=kind, letter=letter, message_id="<probe@specimen.example>")
        except PurposeError:
            continue
        except Exception:  # it got past the lock and failed later
            taken += 1
        else:
            taken += 1
    extra = set(InviteForm.base_fields) - ASKED
    declared = {field.name for field in data_map.find("operators.Invitation").fields if field.export}
    holds = not taken and not extra and declared == {"name", "email"} and frozenset({Purpose.INVITATION}) == GIVEN_FOR
    figure = _("%(kinds)d other kinds of mail, %(taken)d took the address; %(fields)d fields kept") % {
        "kinds": len(others),
        "taken": taken,
        "fields": len(declared),
    }
    return Evidence(holds, figure)


@probe(
    "removed_not_written_to",
    rows=("S97", "P5"),
    how=gettext_lazy(
        "Looks for invitations whose address was removed and is still there, or that were mailed after the removal."
    ),
)
def removed_not_written_to() -> Evidence:
    purposes = ["", Purpose.INVITATION.value]
    removed = Suppression.objects.filter(reason=Suppression.Reason.REMOVED, purpose__in=purposes)
    since = dict(removed.values_list("address_hash", "created_at"))
    with scopes_disabled():  # counts over the whole site, no address is read
        rows = Invitation.objects.filter(address_hash__in=removed.values("address_hash"))
        kept = rows.exclude(email="", name="").count()
        hashes = dict(rows.values_list("pk", "address_hash"))
    words = {f"invitation:{pk}": since[hashed] for pk, hashed in hashes.items()}
    sent = Delivery.objects.filter(kind=KIND, state=Delivery.State.DONE, recipient__in=words)
    late = sum(
        1
        for recipient, at in sent.values_list("recipient", "finished_at")
        if at is not None and at > words[recipient] + UNDER_WAY
    )
    figure = _("%(removed)d addresses removed, %(kept)d still there, %(late)d written to again") % {
        "removed": len(since),
        "kept": kept,
        "late": late,
    }
    return Evidence(not kept and not late, figure)


@probe(
    "invitations_end",
    rows=("S95",),
    how=gettext_lazy("Looks for names and addresses of invited people that are kept longer than 30 days."),
)
def invitations_end() -> Evidence:
    before = timezone.now() - timedelta(days=Invitation.KEEP_DAYS) - GRACE
    with scopes_disabled():  # counts over the whole site, no address is read
        held = Invitation.objects.exclude(email="", name="")
        late = held.filter(sent_at__lt=before).count()
        count = held.count()
    return Evidence(not late, _("%(held)d held, %(late)d too old") % {"held": count, "late": late})


build(
    "invitations_survive_kills",
    rows=("S96", "P5"),
    how=gettext_lazy("Kills the worker at the 37th of 100 invitation mails and starts it again."),
)


# ---- The spreadsheet import -------------------------------------------------------------------------
build(
    "import_cap",
    rows=("S94",),
    how=gettext_lazy("Uploads a list of 100 people, which is read, and one of 101, of which nobody is invited."),
)
TAKEN_FROM_A_FILE = {"name", "email"}
ABOUT_A_ROW = {"id", "account", "draft", "number", "role", "has_formula", "code", "first"}


@probe(
    "import_takes_two_things",
    rows=("S47", "S94"),
    how=gettext_lazy("Reads the columns of the table into which a spreadsheet is read, and looks for room for more."),
)
def import_takes_two_things() -> Evidence:
    columns = {field.name for field in ImportRow._meta.concrete_fields}
    draft = {field.name for field in ImportDraft._meta.concrete_fields if isinstance(field, CharField | TextField)}
    more = columns - TAKEN_FROM_A_FILE - ABOUT_A_ROW
    more |= draft - {"state"}
    figure = _("%(taken)d things of a row kept, room for %(more)d others") % {
        "taken": len(columns & TAKEN_FROM_A_FILE),
        "more": len(more),
    }
    return Evidence(not more and columns >= TAKEN_FROM_A_FILE, figure)


@probe(
    "import_file_destroyed",
    rows=("S95",),
    how=gettext_lazy(
        "Looks for a place in which an uploaded list could stay: upload handlers that write, columns for files, "
        "spreadsheets among our files, and lists whose hour is over."
    ),
)
def import_file_destroyed() -> Evidence:
    handlers = [name for name in settings.FILE_UPLOAD_HANDLERS if name != "core.uploads.CappedUploadHandler"]
    own = [Operator, Invitation, ImportDraft, ImportRow]
    holds = (FileField, BinaryField)
    columns = [field for model in own for field in model._meta.concrete_fields if isinstance(field, holds)]
    passing = Path(settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir())
    files = [*passing.glob("tmp*.upload*"), *Path(settings.MEDIA_ROOT).rglob("*.xls*")]  # the first is Django's own way
    over = imports_over(timezone.now() - SWEPT_WITHIN).count()
    figure = _("%(places)d places for a file, %(files)d files, %(over)d lists past their hour") % {
        "places": len(handlers) + len(columns),
        "files": len(files),
        "over": over,
    }
    return Evidence(not handlers and not columns and not files and not over, figure)


@probe(
    "import_verdicts",
    rows=("P11", "S94"),
    how=gettext_lazy(
        "Counts the lists that are still here again: created, skipped and refused rows make all rows, and each created "
        "row of a confirmed list has its invitation."
    ),
)
def import_verdicts() -> Evidence:
    rows_seen = wrong = 0
    with scopes_disabled():  # the lists of the whole site; a machine looks, and answers with a number
        drafts = list(ImportDraft.objects.order_by("-pk")[:LISTS])
        for draft in drafts:
            rows = list(ImportRow.objects.filter(draft=draft))
            counts = count_codes(row.code for row in rows)
            rows_seen += len(rows)
            known = set(ImportRow.Code.values)
            wrong += counts.rows != len(rows) or any(row.code not in known for row in rows)
            if draft.state == ImportDraft.State.CONFIRMED:
                asked = {hash_address(row.email) for row in rows if row.is_invited}
                made = Invitation.objects.filter(account_id=draft.account_id, address_hash__in=asked)
                wrong += counts.created - made.count()
    figure = _("%(rows)d rows in %(lists)d lists, %(wrong)d without what their verdict says") % {
        "rows": rows_seen,
        "lists": len(drafts),
        "wrong": wrong,
    }
    return Evidence(not wrong, figure)


@probe(
    "states_kept",
    rows=("S23",),
    how=gettext_lazy(
        "Compares the state of every operator with the last one that was written down, and looks for states that are "
        "kept longer than 400 days."
    ),
)
def states_kept() -> Evidence:
    with scopes_disabled():  # counts over the whole site
        last = StatusChange.objects.filter(operator=OuterRef("pk")).order_by("-at", "-pk").values("status")[:1]
        newest = Operator.objects.order_by("-pk").annotate(last=Subquery(last)).values_list("status", "last")
        states = list(newest[:NEWEST])
        late = old_changes(timezone.now() - GRACE).count()
    wrong = sum(last is not None and last != status for status, last in states)
    figure = _("%(operators)d operators, %(wrong)d in another state than written down, %(late)d lines too old") % {
        "operators": len(states),
        "wrong": wrong,
        "late": late,
    }
    return Evidence(not wrong and not late, figure)
