"""What leaves the chat: mails to visitors; and what it keeps in a browser: nothing before the click."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.scoping import account_scope
from chat.actions.leaving import let_go
from chat.actions.mailing import mail_answer
from chat.actions.seeing import BEING_SEEN, end_seeing
from chat.queue.alarms import load_alarms
from chat.window.letters import load_answers, load_transcripts
from core.consents import ConsentKind
from core.consents import registry as consents
from core.outbound import Cookie, EffectKind, Group, MailKind, registry
from core.personal_data import Purpose


def look_at_answer(row: Any) -> None:
    """A minute after an operator wrote to somebody who left: writes the mail, unless there is no need any more."""
    account = Account.objects.filter(pk=row.account_ref).first()
    if account is not None:
        with account_scope(account):
            mail_answer(chat_pk=row.payload["chat"], seq=row.payload["seq"], planned_at=row.created_at)


def look_at_waiting(row: Any) -> None:
    """Five minutes after a waiting visitor left: nobody waits there any more, unless they came back."""
    account = Account.objects.filter(pk=row.account_ref).first()
    if account is not None:
        with account_scope(account):
            let_go(chat_pk=row.payload["chat"], left_at=row.created_at)


consents.register(
    ConsentKind(
        BEING_SEEN,
        _("Being seen on a website"),
        _("May the company see which page you are on, to help you?"),
        withdraw=end_seeing,
    )
)
registry.register(
    MailKind("chat.nobody_took", Purpose.SERVICE, "chat/mail/nobody_took", load_alarms, label=_("Nobody took a chat")),
    EffectKind("chat_answer_due", look_at_answer),
    EffectKind("chat_left_due", look_at_waiting),
    MailKind(
        "chat_answer", Purpose.CHAT, "chat/mail/chat_answer", load_answers, label=_("Answer to a visitor who left")
    ),
    MailKind(
        "chat_transcript", Purpose.CHAT, "chat/mail/chat_transcript", load_transcripts,
        label=_("A chat, sent to its visitor"),
    ),
)  # fmt: skip

registry.register(
    Cookie(
        "livechat.secret.*",
        _("Finds your chat again when the page is loaded anew; inside the chat window only, after you opened it"),
        _("until the tab is closed; memory where storage is refused"),
        where="sessionStorage",
    ),
    Cookie(
        "livechat",
        _("On the company's own website: that a chat goes on, so that it stands there on the next page too"),
        _("while a chat is open, in that tab only; not at all where storage is refused"),
        where="sessionStorage",
    ),
    Cookie(
        "htmx-current-path-for-history",
        _("The address of the archive's page that an operator looks at, so that Back finds the one before"),
        _("until the tab is closed"),
        where="sessionStorage",
    ),
    Cookie(
        "livechat-outbox",
        _("Holds an operator's replies until the server has them, so that a lost connection loses nothing"),
        _("until the reply is stored, at most a day"),
        where="indexedDB",
    ),
    Cookie(
        "livechat.console.sound",
        _("Remembers that an operator switched the sound off"),
        _("until it is switched on again"),
        where="localStorage",
        group=Group.COMFORT,
    ),
    Cookie(
        "livechat.console.keys",
        _("Remembers that an operator switched single-key shortcuts off"),
        _("until they are switched on again"),
        where="localStorage",
        group=Group.COMFORT,
    ),
)
