"""What the chat keeps in a browser: nothing before the click, and afterwards only this."""

from django.utils.translation import gettext_lazy as _

from core.outbound import Cookie, registry

registry.register(
    Cookie(
        "livechat.secret.*",
        _("Finds your chat again when the page is loaded anew; inside the chat window only, after you opened it"),
        _("until the tab is closed; memory where storage is refused"),
        where="sessionStorage",
    ),
    Cookie(
        "livechat-outbox",
        _("Holds an operator's replies until the server has them, so that a lost connection loses nothing"),
        _("until the reply is stored, at most a day"),
        where="indexedDB",
    ),
    Cookie(
        "livechat.console.sound",
        _("Remembers that an operator switched the sound off"),
        _("until it is switched on again"),
        where="localStorage",
        necessary=False,
    ),
    Cookie(
        "livechat.console.keys",
        _("Remembers that an operator switched single-key shortcuts off"),
        _("until they are switched on again"),
        where="localStorage",
        necessary=False,
    ),
)
