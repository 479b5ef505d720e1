"""Personal data of privacy."""

from core.personal_data import registry
from privacy.erasure_data import ERASURES

registry.register(*ERASURES)
