"""What stands behind the fence of team, access, keys and photos."""

import io
from typing import Any

from PIL import Image

from accounts.actions import add_access_rule, create_api_key, leave, send_recovery_links, set_photo
from accounts.links import recovery_url, way_back_url
from accounts.models import AccessRecovery
from accounts.scoping import account_scope
from accounts.testing import make_user
from chat.actions.widgets import add_widget
from operators.actions import choose_members, copy_link, make_group, read_import
from operators.testing import make_invitation
from operators.tests.sheets import staff


def make_team(world: Any) -> None:
    """Adds an invitation, a draft of an import, a rule, a key, a recovery link, a photo and a second website."""
    member, account = world.alice_member, world.acme
    with account_scope(account):
        world.access_rule = add_access_rule(by=member, network="198.51.100.0/24", label="Needle shop floor")
        world.api_key, _secret = create_api_key(membership=member, name="Needle key", scopes=["profile.read"])
        send_recovery_links(account=account, asked_by=member.user_id)
        world.recovery_token = last_part(recovery_url(AccessRecovery.objects.get()))
    world.invitation = make_invitation(member)
    world.invitation_token = copy_link(invitation=world.invitation, by=member)
    world.spreadsheet = staff(2)
    world.draft = read_import(account=account, data=world.spreadsheet, by=member)
    with account_scope(account):
        world.second_widget = add_widget(by=member, website="https://second.acme-bikes.example")
    world.group = make_group(by=member, name="Needle department")
    choose_members(group=world.group, by=member, operators=[world.bob_operator.pk])
    world.picture = picture()
    world.photo_key = set_photo(user=world.alice, data=world.picture)
    gone = make_user()
    leave(user=gone)
    gone.refresh_from_db()
    world.way_back_token = last_part(way_back_url(gone))


def last_part(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (10, 90, 90)).save(file, "PNG")
    return file.getvalue()
