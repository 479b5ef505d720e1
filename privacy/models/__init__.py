"""Tables of privacy: cases, copies, erasures."""

from privacy.models.copies import COPY_LIFE, Download

__all__ = ["COPY_LIFE", "Download"]
