"""Headers of static files: the widget's loader may be used by any site, everything else only by ours."""

from typing import Any


def add_headers(headers: Any, path: str, url: str) -> None:
    """Lets pages of other sites load what is below /static/widget/ (SAFETY: widget embedding)."""
    if "/widget/" in url:
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
