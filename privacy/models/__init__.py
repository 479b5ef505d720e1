"""Tables of privacy: cases, copies, erasures."""

from privacy.models.cases import Case, CaseEvent, CaseSeries

__all__ = ["Case", "CaseEvent", "CaseSeries"]
