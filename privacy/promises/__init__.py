"""What privacy promises, by noun: each module holds probes."""

from privacy.promises import builds, cases, children, erasures, pages, tables

__all__ = ["builds", "cases", "children", "erasures", "pages", "tables"]
