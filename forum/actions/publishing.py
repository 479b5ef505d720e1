"""Whether somebody may write now, and whether what they wrote is seen at once or held (SAFETY: forum spam)."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries import member_gaps
from core import text as writing
from core.errors import Refused
from forum import queries
from forum.models import Post, State, Topic
from forum.warning import WARNING_VERSION

FEW_POSTS = 3
FIRST_DAY = timedelta(days=1)


def check_may_write(author: User) -> None:
    """Refuses `gaps` (age or public name missing) and `not_warned` (the warning was not acknowledged, S33)."""
    if member_gaps(author):
        raise Refused("gaps", _("Choose the name that others see, and say that you are 13 or older, before you write."))
    member = queries.find_forum_member(author.pk)
    if member is None or member.warning_version < WARNING_VERSION:
        raise Refused("not_warned", _("Read the note that everybody can see what you write here, and confirm it."))


def first_state(*, author: User, text: str, title: str = "", topic: Topic | None = None, by_staff: bool = False) -> str:
    """The state with which a new or edited text begins: links of new members are held for a look.

    `topic` is where it is posted, None for a new topic; `by_staff`: a support agent wrote it as one.
    """
    if by_staff or not is_new(author):
        return State.PUBLISHED
    return State.HELD if writing.links(f"{title}\n\n{text}") else State.PUBLISHED


def is_new(author: User) -> bool:
    """Whether a member is new here: less than a day, or fewer than three published posts."""
    if timezone.now() - author.date_joined < FIRST_DAY:
        return True
    published = Post.objects.filter(author=author, state=State.PUBLISHED).values_list("pk")[:FEW_POSTS]
    return len(published) < FEW_POSTS
