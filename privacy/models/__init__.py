"""Tables of privacy: cases, copies, erasures."""

from privacy.models.copies import COPY_LIFE, Download, Proof

__all__ = ["COPY_LIFE", "Download", "Proof"]
from privacy.models.cases import Case, CaseEvent, CaseSeries

__all__ = ["Case", "CaseEvent", "CaseSeries"]
from privacy.models.erasures import ErasurePlan, Hold

__all__ = ["ErasurePlan", "Hold"]
"""Tables of privacy: cases, copies, erasures, disclosures by law."""

from privacy.models.disclosures import LegalDisclosure

__all__ = ["LegalDisclosure"]
