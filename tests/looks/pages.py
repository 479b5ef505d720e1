"""The table of pages that must look like their mockups, put together from the tables of the areas."""

from tests.looks.account import ACCOUNT
from tests.looks.chats import CHATS
from tests.looks.door import DOOR
from tests.looks.forum import FORUM
from tests.looks.helpdesk import HELPDESK
from tests.looks.look import MOCKUPS, Look, owner
from tests.looks.privacy import PRIVACY
from tests.looks.rules import RULES
from tests.looks.team import TEAM
from tests.looks.tools import TOOLS

__all__ = ["LOOKS", "MOCKUPS", "Look", "owner"]

LOOKS: list[Look] = [*DOOR, *PRIVACY, *HELPDESK, *FORUM, *CHATS, *TEAM, *ACCOUNT, *TOOLS, *RULES]
