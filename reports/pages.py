"""Pages of the reports: the overview, operators and groups, goals and sales, and what can be downloaded of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts.doors import MemberRequest, member_page
from accounts.roles import can
from core.errors import Refused, not_found
from core.limits import count_use, limited, person_or_address
from core.sheets import TYPES, write_table
from facts import queries as facts
from facts.actions import refund_sale
from facts.models import Goal
from facts.money import plain_amount, say_amount
from facts.queries import SALES_A_PAGE
from operators.hours import Hours
from reports import overview
from reports.actions import note_export
from reports.coverage import Coverage, cover
from reports.figure_queries import Background, Names, read_background, read_sums
from reports.figures import Figures, lines_of
from reports.forms import PERIODS, DaysForm, ReportForm
from reports.periods import period_of, zone_named
from reports.tables import TABLES

SORTS: dict[str, Callable[[Any], Any]] = {
    "chats": lambda row: -row.chats,
    "first_reply": lambda row: (row.first_reply is None, row.first_reply or 0),
    "reply": lambda row: (row.reply is None, row.reply or 0),
    "length": lambda row: (row.length is None, row.length or 0),
    "good": lambda row: (row.share_good is None, -(row.share_good or 0), -row.rated),
    "accepting": lambda row: -row.accepting,
}


@dataclass(frozen=True)
class Loaded:
    """What was asked for, and what was found."""

    figures: Figures
    form: ReportForm
    background: Background
    zone: ZoneInfo

    @property
    def hours(self) -> Hours | None:
        """The opening hours that hold for what was asked."""
        return self.background.hours.of(self.figures.wanted.group)

    def coverage(self) -> Coverage:
        """Who was there to answer."""
        wanted = self.figures.wanted
        return cover(
            self.background.states, wanted.days, self.zone, hours=self.hours, now=timezone.now(), only=wanted.operator
        )


def _load(request: MemberRequest) -> Loaded:
    """The figures that were asked for, in two statements."""
    account = request.membership.account
    zone = zone_named(account.time_zone)
    today = timezone.now().astimezone(zone).date()
    first, last = DaysForm(request.GET, today=today).read_days()
    background = read_background(account, period_of(first, zone).start, period_of(last, zone).end)
    form = ReportForm(request.GET, names=background.names, today=today)
    wanted = form.read()
    return Loaded(Figures(wanted, read_sums(account, wanted), background.names), form, background, zone)


def _context(request: MemberRequest, loaded: Loaded, tab: str) -> dict[str, Any]:
    figures, form = loaded.figures, loaded.form
    asked = {key: value for key, value in request.GET.items() if key in form.fields and value}
    return {
        "tab": tab,
        "form": form,
        "figures": figures,
        "wanted": figures.wanted,
        "periods": [(key, label) for key, (_days, label) in PERIODS.items()],
        "chosen": form.chosen,
        "asked": urlencode(asked),
        "filters": [key for key in ("group", "operator", "tag") if getattr(figures.wanted, key) is not None],
        "may_export": can(request.membership, "export"),
        "may_edit": can(request.membership, "goals.edit"),
        "downloads": [
            ("days", _("Days")),
            ("operators", _("Operators")),
            ("groups", _("Groups")),
            ("goals", _("Goals")),
            ("sales", _("Sales")),
        ],
        "zone": request.membership.account.time_zone,
    }


@require_GET
@never_cache
@member_page("reports.read")
@limited("reports", by=person_or_address)
def report(request: MemberRequest) -> HttpResponse:
    """The overview: chats, waits, satisfaction, availability, goals, operators, sales (S18)."""
    loaded = _load(request)
    figures = loaded.figures
    context = _context(request, loaded, "overview")
    if not figures.is_empty:
        money = figures.money()
        context |= {
            "tiles": overview.tiles(figures),
            "chats": overview.chats_chart(figures),
            "hours": overview.hours_chart(figures),
            "wait": overview.wait_chart(figures),
            "satisfaction": overview.satisfaction(figures),
            "week": overview.week(loaded.coverage(), has_hours=loaded.hours is not None),
            "goals": overview.goals(figures),
            "has_goals": bool(figures.names.goals),
            "people": lines_of(figures.people({})[:8]),
            "sales": overview.sales_chart(figures, money[0]) if money else None,
        }
    return render(request, "reports/report.html", context)


@require_GET
@never_cache
@member_page("reports.read")
@limited("reports", by=person_or_address)
def people(request: MemberRequest) -> HttpResponse:
    """Operators in their order, and groups (S21, S23)."""
    loaded = _load(request)
    figures = loaded.figures
    context = _context(request, loaded, "people")
    rows = figures.people(loaded.coverage().seconds)
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else "chats"
    context |= {
        "people": lines_of(sorted(rows, key=SORTS[sort])),
        "groups": lines_of(figures.groups()),
        "sort": sort,
        "tags": figures.named("tagged", figures.names.tags),
        "heads": [("chats", _("Chats"), ""), ("first_reply", _("First reply"), ""), ("reply", _("Reply"), "low"),
                  ("length", _("Length"), "low"), ("good", _("Rated good"), ""), ("accepting", _("Accepting"), "low")],
    }  # fmt: skip
    return render(request, "reports/people.html", context)


@require_GET
@never_cache
@member_page("reports.read")
@limited("reports", by=person_or_address)
def goals_and_sales(request: MemberRequest) -> HttpResponse:
    """Goals reached, sales by currency, and the newest orders (S19, S20)."""
    loaded = _load(request)
    figures = loaded.figures
    context = _context(request, loaded, "goals")
    before = request.GET.get("before", "")
    sales = facts.list_sales(request.membership.account, before=int(before) if before.isdecimal() else None)
    page = sales[:SALES_A_PAGE]
    context |= {
        "goals": overview.goals(figures),
        "money": [{"currency": row.currency, **row.said} for row in figures.money()],
        "sales": [_sale_row(sale, figures.names) for sale in page],
        "next": page[-1].pk if len(sales) > SALES_A_PAGE else None,
        "may_refund": can(request.membership, "sales.record"),
        "sources": Goal.Source,
    }
    return render(request, "reports/goals.html", context)


def _sale_row(sale: Any, names: Names) -> dict[str, Any]:
    return {
        "sale": sale,
        "amount": say_amount(sale.amount, sale.currency),
        "refunded": say_amount(sale.refunded, sale.currency) if sale.refunded else "",
        "operator": names.operators.get(sale.operator_ref, ""),
        "is_left": sale.refunded < sale.amount and bool(sale.order),
    }


@require_http_methods(["GET", "POST"])
@never_cache
@member_page("sales.record")
def refund(request: MemberRequest, public_id: Any) -> HttpResponse:
    """Asks how much of an order was given back, and notes it (S19)."""
    sale = facts.find_sale_for(request.membership, public_id)
    left = sale.amount - sale.refunded
    if not sale.order or not left:
        raise not_found()
    amount, problem = plain_amount(left, sale.currency), ""
    if request.method == "POST":
        amount = request.POST.get("amount", "").strip()[:20]
        try:
            if not amount:
                raise Refused("bad_amount", _("Enter the amount that was given back."))
            refund_sale(account=request.membership.account, order=sale.order, amount=amount, by=request.membership)
        except Refused as refused:
            problem = str(refused.message)
        else:
            messages.success(request, _("The refund is noted."))
            return redirect(reverse("reports:goals"))
    context = {"sale": sale, "amount": amount, "problem": problem, "left": say_amount(left, sale.currency)}
    return render(request, "reports/refund.html", context, status=400 if problem else 200)


@require_safe
@never_cache
@member_page("export")
@reauthentication_required
def export(request: MemberRequest, table: str, kind: str) -> FileResponse:
    """A table of the report as .csv or .xlsx; no cell is ever a formula (SAFETY: CSV/XLSX export)."""
    if table not in TABLES or kind not in TYPES:
        raise not_found()
    count_use("export", f"user:{request.user.pk}")
    loaded = _load(request)
    figures = loaded.figures
    seconds = loaded.coverage().seconds if table == "operators" else {}
    title, heads, rows = TABLES[table](figures, seconds)
    file, count = write_table(kind, str(title), [str(head) for head in heads], rows)
    note_export(by=request.membership, table=table, kind=kind, rows=count)
    name = f"{table}-{figures.wanted.first:%Y-%m-%d}-{figures.wanted.last:%Y-%m-%d}.{kind}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[kind])
