"""What somebody read and watches."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from forum.models import Category, Mention, ReadMark, Topic, Watch


@transaction.atomic
def mark_read(*, user: User, topic: Topic, number: int, known: int | None = None) -> None:
    """Moves the mark of what a member read forward to the post `number`; `known` is where it stood, when known.

    A mail may go out again for what comes from now on.
    """
    if known is not None and number <= known:
        return
    if known is None:
        _row, is_new = ReadMark.objects.get_or_create(user=user, topic=topic, defaults={"number": number})
        if is_new:
            return
    rows = ReadMark.objects.filter(user=user, topic=topic, number__lt=number)
    rows.update(number=number, read_at=timezone.now())


@transaction.atomic
def rest_mails(*, watch: Watch) -> None:
    """The member looked: the next thing that happens there is mailed again."""
    Watch.objects.filter(pk=watch.pk).update(mailed_from=0)


@transaction.atomic
def watch(*, user: User, topic: Topic | None = None, category: Category | None = None, by_mail: bool = False) -> Watch:
    """Follows a topic or a category, on the site only or by mail too; a second time changes how."""
    row, is_new = Watch.objects.get_or_create(user=user, topic=topic, category=category, defaults={"by_mail": by_mail})
    if not is_new and row.by_mail != by_mail:
        row.by_mail, row.mailed_from = by_mail, 0
        row.save(update_fields=["by_mail", "mailed_from"])
    return row


@transaction.atomic
def end_watch(*, watch: Watch) -> None:
    """Follows it no more."""
    watch.delete()


@transaction.atomic
def stop_mails(*, watch: Watch) -> None:
    """One click in a mail: no more mails of this watch; it stays on the site (RFC 8058)."""
    Watch.objects.filter(pk=watch.pk).update(by_mail=False, mailed_from=0)


@transaction.atomic
def see_mentions(*, user: User) -> int:
    """Marks what a member was told as seen; answers how many were new."""
    return Mention.objects.filter(user=user, seen_at=None).update(seen_at=timezone.now())
