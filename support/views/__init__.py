"""HTML doors of requests."""
