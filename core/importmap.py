"""The import map: the name `livechat/core/wire.js` stands for the address under which that module is served."""

import json
from functools import cache

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.templatetags.static import static
from django.utils.safestring import SafeString


def build_importmap() -> SafeString:
    """The import map of every module below static/js, as JSON ("<" is escaped); addresses carry the content hash."""
    return _build() if not settings.DEBUG else _build.__wrapped__()


@cache
def _build() -> SafeString:
    names = sorted(
        path.replace("\\", "/")
        for finder in get_finders()
        for path, _storage in finder.list(["admin/*", "rest_framework/*"])
        if path.replace("\\", "/").startswith("js/") and path.endswith(".js")
    )
    imports = {f"livechat/{name.removeprefix('js/')}": static(name) for name in names}
    text = json.dumps({"imports": imports}, separators=(",", ":"))
    return SafeString(text.replace("<", "\\u003c"))
