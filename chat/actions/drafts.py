"""What an operator has begun to write, kept so that it is there on another computer."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models import Chat, Draft
from core.errors import Refused, not_found
from operators.models import Operator


@transaction.atomic
def save_draft(*, chat_pk: int, operator: Operator, text: str, supervises: bool = False) -> None:
    """Keeps what the operator has begun to write in a chat; an empty text forgets it.

    Raises Refused: `not_found`; `not_allowed` for who may not write there, and once the chat has ended.
    """
    if not text:
        Draft.objects.filter(chat_id=chat_pk, operator=operator).delete()
        return
    chat = Chat.objects.filter(pk=chat_pk).first()
    if chat is None:
        raise not_found()
    if chat.state != Chat.State.OPEN or (chat.operator_id != operator.pk and not supervises):
        raise Refused("not_allowed", _("Nothing can be written here now."), status=403)
    Draft.objects.update_or_create(
        chat=chat,
        operator=operator,
        defaults={"account_id": chat.account_id, "text": text, "updated_at": timezone.now()},
    )
