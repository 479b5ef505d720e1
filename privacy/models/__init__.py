"""Tables of privacy: cases, copies, erasures."""

from privacy.models.erasures import ErasurePlan, Hold

__all__ = ["ErasurePlan", "Hold"]
