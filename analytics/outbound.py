"""What the clear gif asks of a browser."""

from django.utils.translation import gettext_lazy as _

from core.outbound import Cookie, Group, registry

registry.register(
    Cookie(
        "b.gif",
        _("Counts how often a page is read on a day; a request without a number, and nothing is stored"),
        _("no cookie"),
        where="request",
        group=Group.STATISTICS,
    ),
)
