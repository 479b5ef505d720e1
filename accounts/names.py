"""What a person's name may be made of, wherever it is typed or imported."""

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

ONE_LINE = RegexValidator(r"^[^\x00-\x1f\x7f\u2028\u2029]*$", _("Write it on one line, without control characters"))
NO_LINK = RegexValidator(r"(?i)://|www\.|[<>@]", _("Write a name, without a link or an address"), inverse_match=True)
LONGEST_NAME = 80  # of a first name, and of a surname
