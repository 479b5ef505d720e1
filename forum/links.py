"""Addresses of pages of the forum, and the signed link by which a mail is stopped."""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from accounts.links import absolute
from forum.models import Post, Topic, Watch
from forum.queries import page_of


def topic_path(topic: Topic, page: int = 1) -> str:
    """The page of a topic; its canonical address, where `page` is not 1 with its number."""
    path = reverse("forum:topic", args=[topic.public_id, topic.slug])
    return path if page == 1 else f"{path}?page={page}"


def post_path(post: Post) -> str:
    """The page on which a post stands, at that post."""
    return f"{topic_path(post.topic, page_of(post.number))}#p{post.number}"


def stop_url(watch: Watch) -> str:
    """The absolute address whose POST ends the mails of a watch, without a login (RFC 8058)."""
    return absolute(reverse("forum:stop", args=[_signer().sign(watch.public_id.hex)]))


def read_stop_token(token: str) -> UUID | None:
    """The watch that a token names; None for one that we did not make."""
    try:
        return UUID(hex=_signer().unsign(token))
    except (BadSignature, ValueError):
        return None


def _signer() -> Signer:
    return Signer(key=settings.SECRET_KEY, sep=".", salt="forum.stop")
