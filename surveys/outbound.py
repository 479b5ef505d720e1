"""What people can say yes to in a survey: that their answers carry their name and e-mail (S71, P16)."""

from django.utils.translation import gettext_lazy as _

from core.consents import ConsentKind, registry
from surveys.actions.filling import NAMED, take_back_all

registry.register(
    ConsentKind(
        NAMED,
        _("Your name and e-mail with a survey"),
        _("Keep my name and e-mail with my answers. I can take them back at any time."),
        withdraw=take_back_all,
    )
)
