"""Mail that asks for a right about one's own data becomes a case; who wrote it is proved by a link (S103).

"privacy" stands before "support" among the handlers: what no rule finds is a request to our support. From: proves
nothing, so nothing is done and nothing is told before the link was opened.
"""

from core.limits import TooMany, count_use
from notifications.inbound import InboundMail, register_inbound
from privacy.actions.cases import open_case
from privacy.intents import find_intent
from privacy.models.cases import Case


def take(mail: InboundMail) -> bool:
    """Opens a case for a mail to the plain address that asks for one; False for every other mail."""
    if mail.token or mail.is_automatic or mail.is_auto_reply:
        return False
    kind = find_intent(mail.subject, mail.text)
    if not kind:
        return False
    try:
        count_use("privacy.case_address", mail.sender.lower())
    except TooMany:  # somebody floods one address: our support sees it, and its own limits hold
        return False
    text = f"{mail.subject}\n\n{mail.text}".strip()
    open_case(kind=kind, channel=Case.Channel.MAIL, person=None, email=mail.sender, text=text)
    return True


register_inbound("privacy", take)
