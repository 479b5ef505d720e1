"""What a browser says of itself: its family and system, and nothing finer (S14)."""


def read_device(user_agent: str) -> tuple[str, str]:
    """("Firefox 130", "Android 17") from a User-Agent header; empty words where it does not say."""
    from ua_parser import parse  # loads its rules on first use

    found = parse(user_agent[:500])
    browser = system = ""
    if found.user_agent is not None:
        browser = " ".join(part for part in (found.user_agent.family, found.user_agent.major) if part)
    if found.os is not None:
        system = " ".join(part for part in (found.os.family, found.os.major) if part)
    return browser[:60], system[:60]
