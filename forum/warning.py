"""The warning that the forum is public, and its version (S30, S33)."""

from django.utils.translation import gettext_lazy as _

WARNING_VERSION = 1  # raised with each change of the meaning: everybody is asked again before their next post

WARNING = _(
    "This forum is public. Anything that you write here can be read, kept and used by everybody, also by people and "
    "search engines that we do not know, and also after you have removed it here."
)
REMINDER = _("Public: anyone can read, keep and use this. Leave out names, e-mails and order numbers.")
