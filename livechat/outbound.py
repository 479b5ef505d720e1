"""What the pages of the site themselves store in a browser."""

from django.utils.translation import gettext_lazy as _

from core.outbound import Cookie, Group, registry

registry.register(
    Cookie(
        name="theme",
        purpose=_("Remembers whether you chose light or dark; set only when you choose"),
        life=_("1 year, or until you choose “As the system”"),
        group=Group.COMFORT,
    ),
)
