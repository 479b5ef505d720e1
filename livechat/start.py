"""What `manage.py run` assumes before the settings are read: a development site, unless told otherwise."""

from collections.abc import MutableMapping


def set_run_defaults(environ: MutableMapping[str, str]) -> None:
    """Fills in what was not set. An https:// PUBLIC_ORIGIN means a real site, and then nothing is assumed."""
    port = int(environ.setdefault("PORT", "8000"))
    if environ.get("PUBLIC_ORIGIN", "").startswith("https://"):
        return
    if environ.setdefault("LIVECHAT_DEV", "1").lower() in ("1", "true", "yes", "on"):
        environ.setdefault("PUBLIC_ORIGIN", f"http://127.0.0.1:{port}")
        environ.setdefault("DEMO_ORIGIN", f"http://127.0.0.1:{port + 1}")
        environ.setdefault("DEMO_OPENID_ORIGIN", f"http://127.0.0.1:{port + 2}")
