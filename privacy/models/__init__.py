"""Tables of privacy: cases, copies, erasures, disclosures by law."""

from privacy.models.disclosures import LegalDisclosure

__all__ = ["LegalDisclosure"]
