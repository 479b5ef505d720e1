"""The place of the forum in header and footer, and where members without an account go after a log-in."""

from django.utils.translation import gettext_lazy as _

from core.navigation import PublicPlace, public_places

public_places.add(
    PublicPlace("forum", _("Forum"), "forum", "forum:index", 30, header=True),
)
