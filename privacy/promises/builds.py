"""Promises about the whole site that a build shows: fences, backup, kills, copies, wishes that come by mail."""

from django.utils.translation import gettext_lazy

from core.promises import build

build(
    "fences",
    rows=("S75",),
    how=gettext_lazy("Tries every page, action and socket command with real things of another account."),
)
build(
    "backup",
    rows=("S74",),
    how=gettext_lazy("Makes a backup of a filled site, restores it into an empty one and compares."),
)
build(
    "survives_kills",
    rows=("S25",),
    how=gettext_lazy(
        "Kills the web process ten times under four senders and compares what it acknowledged with what is stored."
    ),
)
build(
    "copy_is_whole",
    rows=("S98", "P2"),
    how=gettext_lazy(
        "Asks for a copy as a person with chats, requests, a photo and files, and looks for every row and file of "
        "theirs in it, and for none of anybody else."
    ),
)
build(
    "rights_by_mail",
    rows=("S103",),
    how=gettext_lazy(
        "Mails wishes of every kind in plain words to the support address: each opens a case that waits for the "
        "proof of who asks, and a question to support opens none."
    ),
)
