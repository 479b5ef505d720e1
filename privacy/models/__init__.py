"""Tables of privacy: cases, copies, erasures, disclosures by law."""

from privacy.models.cases import Case, CaseEvent, CaseSeries
from privacy.models.copies import COPY_LIFE, KNOWN_LIFE, Download, Proof
from privacy.models.disclosures import LegalDisclosure
from privacy.models.erasures import ErasurePlan, Hold

__all__ = [
    "COPY_LIFE",
    "KNOWN_LIFE",
    "Case",
    "CaseEvent",
    "CaseSeries",
    "Download",
    "ErasurePlan",
    "Hold",
    "LegalDisclosure",
    "Proof",
]
