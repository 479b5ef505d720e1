"""What a guest's browser has opened by secret links: the requests' ids in its session, and nothing else."""

from django.http import HttpRequest

from support.models import SupportRequest

KEY = "support_opened"
MOST = 20


def note_opened(request: HttpRequest, opened: SupportRequest) -> None:
    """This browser may read the request until its session ends."""
    others = [one for one in list_opened(request) if one != str(opened.public_id)]
    request.session[KEY] = [str(opened.public_id), *others][:MOST]


def list_opened(request: HttpRequest) -> list[str]:
    """Public ids, newest first."""
    found = request.session.get(KEY, [])
    return found if isinstance(found, list) else []
