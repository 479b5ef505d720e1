"""Lists of the admin: fast on large tables, read-only but for what goes through an action, every act logged."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django_scopes import scopes_disabled

from core.errors import Refused
from core.personal_data import list_people

COUNTED_ROWS = 5_000  # a list counts its rows up to here, so that a large table costs no full count


@dataclass(frozen=True)
class StaffAct:
    """What a member of staff did in the admin; `subject` is a word such as "account:7".

    `people` are the words of the persons whose data was shown ("user:12").
    """

    user_id: int
    action: str
    subject: str
    facts: dict[str, Any] = field(default_factory=dict)
    people: tuple[str, ...] = ()


StaffLog = Callable[[StaffAct], None]
_staff_log: StaffLog | None = None


def register_staff_log(log: StaffLog) -> None:
    """Called once, by accounts, which may write to the audit log."""
    global _staff_log
    _staff_log = log


def log_staff_act(act: StaffAct) -> None:
    """Writes one act. Raises RuntimeError when nobody keeps the log: then nothing is shown or changed either."""
    if _staff_log is None:
        raise RuntimeError("nobody keeps the log of staff acts")
    _staff_log(act)


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # not generic at run time
    """Counts at most COUNTED_ROWS rows: what lies behind is found by search and filters."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list[:COUNTED_ROWS]
        return int(rows.count())


class SiteModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's own classes are not generic at run time
    """A list to read. `editable` names fields that `write(request, row, changes)` changes through our actions."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 50
    editable: tuple[str, ...] = ()

    def write(self, request: HttpRequest, row: Any, changes: dict[str, Any]) -> None:
        """Calls the action that makes the changes; overridden where `editable` is not empty."""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> Any:
        with scopes_disabled():  # the administration sees every account; staff access to chats' text is never here
            return super().get_queryset(request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        with scopes_disabled():  # filters by relation read other tables of accounts
            response = super().changelist_view(request, extra_context)
            if hasattr(response, "render"):
                response.render()
        return response

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with scopes_disabled():  # as above
                response = super().changeform_view(request, *args, **kwargs)
                if hasattr(response, "render"):
                    response.render()
        except Refused as refused:
            self.message_user(request, str(refused.message), messages.ERROR)
            return HttpResponseRedirect(request.path)
        return response

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = self.fields or [field.name for field in self.opts.fields]
        return [name for name in fields if name not in self.editable]  # type: ignore[misc]  # our lists are flat

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.editable) and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in self.editable}
        if changes:
            self.write(request, obj, changes)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.audit(request, "admin.added", obj.pk)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.audit(request, "admin.changed", obj.pk)

    def response_action(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> Any:
        facts = {"name": request.POST.get("action", "")[:64]}
        self.audit(request, "admin.action", "list", facts)
        return super().response_action(request, queryset, *args, **kwargs)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "GET" and kwargs.get("obj") is not None:
            row = kwargs["obj"]
            act = StaffAct(request.user.pk or 0, "admin.viewed", self.word_of(row.pk), people=list_people(row))
            log_staff_act(act)
        return super().render_change_form(request, context, *args, **kwargs)

    def audit(self, request: HttpRequest, action: str, pk: Any, facts: dict[str, Any] | None = None) -> None:
        """Puts a staff act into the log: who, what kind of record, which one."""
        log_staff_act(StaffAct(request.user.pk or 0, action, self.word_of(pk), facts or {}))

    def word_of(self, pk: Any) -> str:
        """How the log names a record of this list."""
        return f"{self.opts.model_name}:{pk}"[:32]
