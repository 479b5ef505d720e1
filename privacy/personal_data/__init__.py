"""What privacy itself keeps about people."""

from privacy.personal_data import cases, children, erasure, ledger, yourdata

__all__ = ["cases", "children", "erasure", "ledger", "yourdata"]
