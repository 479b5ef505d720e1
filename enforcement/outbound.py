"""The mail of enforcement: part of the service, it cannot be switched off."""

from django.utils.translation import gettext_lazy as _

from core.outbound import MailKind, registry
from core.personal_data import Purpose
from enforcement import letters

registry.register(
    MailKind(
        "enforcement.step", Purpose.SERVICE, "enforcement/mail/step", letters.load_steps,
        label=_("A case about your account or what you wrote"), by_person=True,
    ),
)  # fmt: skip
