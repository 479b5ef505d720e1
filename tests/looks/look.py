"""What a look at a page is, and the people of the demo who look."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MOCKUPS: dict[str, list[str]] = json.loads(
    (Path(__file__).parent / "mockup_components.json").read_text(encoding="utf-8")
)

# classes that arrange or size text: any page may choose others
ARRANGEMENT = re.compile(
    r"^(stack(-\d)?|row(-[a-z]+)?|grid(-[a-z0-9]+)?|t\d|wrap(-narrow)?|measure|muted|faint|grow|num|mono|nowrap|clip"
    r"|wide|wide-only|narrow-only|roomy|sticky|lead|on|n|low|btn-(s|l|wide|start)|input-s|select-auto|plain-list|sr)$"
)


@dataclass(frozen=True)
class Look:
    """One page: where it is, who opens it, which mockup it follows, and how many rows of data it must show."""

    name: str
    path: str | Callable[[], str]
    mockup: str = ""
    user: Callable[[], Any] | None = None
    left_out: dict[str, str] = field(default_factory=dict)  # class -> why it is not here
    rows: str = ""  # selector of a row of data; at least 10 are wanted
    before: Callable[[Any], None] | None = None  # brings the page into the state of the mockup
    status: int = 200
    status_after: int = 200  # of the page that `before` leads to
    crowd: int = 0  # visitors who have the chat open while one looks
    ready: str = ""  # selector that is there when the page is complete

    def components(self) -> set[str]:
        """The classes of the mockup that this page must have."""
        return {name for name in MOCKUPS[self.mockup] if not ARRANGEMENT.match(name)} - set(self.left_out)

    def stale(self) -> set[str]:
        """Reasons for classes that the mockup does not use."""
        return set(self.left_out) - set(MOCKUPS[self.mockup]) if self.mockup else set(self.left_out)


def owner() -> Any:
    """The owner of the demo company."""
    from accounts.models import User
    from livechat.demo_people import OWNER

    return User.objects.get(email=OWNER.email)


def agent() -> Any:
    """The demo's support agent."""
    from accounts.models import User
    from livechat.demo_people import AGENT

    return User.objects.get(email=AGENT.email)


def forum_member() -> Any:
    """A member of the demo's forum."""
    from accounts.models import User

    return User.objects.get(email="robin@specimen.example")


def _leader() -> Any:
    from accounts.models import Membership

    return Membership.objects.select_related("account", "user").get(user=owner())


def _chat_of_demo(**which: Any) -> Any:
    from accounts.models import Membership
    from chat.models import Chat

    account = Membership.objects.get(user=owner()).account
    return Chat.of(account).filter(message_count__gte=4, **which).order_by("-pk").first()
