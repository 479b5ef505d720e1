"""The support centre, requests, and the desk."""

from collections.abc import Callable

from tests.looks.look import Look, agent, forum_member, owner


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


def busy_desk() -> str:
    """The desk with ten open requests more."""
    from support.models import SupportRequest
    from support.testing import make_request

    if SupportRequest.objects.count() < 15:
        for number in range(10):
            make_request(forum_member(), subject=f"The chat is slow on page {number}")
    return "/support/desk/"


HELPDESK: list[Look] = [
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
]  # fmt: skip
