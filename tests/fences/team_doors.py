"""Doors of the team, its invitations and imports, of who may come in, of API keys, photos and leaving."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.testing import PASSWORD
from tests.fences.kinds import JSON, READ, Arguments, Door, Kind, nothing
from tests.fences.world import World


def public_id_of(name: str) -> Arguments:
    return lambda world: {"public_id": getattr(world, name).public_id}


def colleague(world: World) -> dict[str, Any]:
    return {"person": world.bob.public_id}


def token_tries(good: Any, name: str = "token") -> Any:
    """A signed or random word with a changed letter, without its end, and none of it."""

    def tries(world: World) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        token = good(world)
        turned = token[:-1] + ("A" if token[-1] != "A" else "B")
        return [({name: text}, {}) for text in (turned, token[:-4], "wrong")]

    return tries


def sheet(world: World) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("team.xlsx", world.spreadsheet)}


ACCESS = {
    "accounts:access": Door(Kind.OWN, get=READ, post=lambda world: {"mode": "everyone"}),
    "accounts:access_add": Door(Kind.OWN, post=lambda world: {"network": "127.0.0.1", "label": "Needle room"}),
    "accounts:access_remove": Door(Kind.THING, args=public_id_of("access_rule"), post=nothing),
    "accounts:ask_recovery": Door(Kind.PERSON, post=nothing),
    "accounts:recover": Door(Kind.THING, args=lambda world: {"token": world.recovery_token}, get=READ, post=nothing),
    "accounts:keys": Door(
        Kind.OWN, get=READ, post=lambda world: {"name": "Mine", "scopes": "profile.read", "days": "30"}
    ),
    "accounts:key_revoke": Door(Kind.THING, args=public_id_of("api_key"), post=nothing),
}

API = {
    "accounts:api_me": Door(Kind.OWN, get=READ),
    "accounts:api_photo": Door(
        Kind.OWN, put=lambda world: {"photo": SimpleUploadedFile("a.png", world.picture)}, delete=nothing
    ),
    "accounts:api_schema": Door(Kind.PUBLIC, get=READ, why="the description says nothing of any account"),
    "accounts:api_preview": Door(
        Kind.PUBLIC, post=lambda world: {"text": "*a*"}, content_type=JSON, why="it answers what was sent as HTML"
    ),
    "accounts:api_docs": Door(Kind.PUBLIC, get=READ, why="the same as a page"),
    "api_nowhere": Door(
        Kind.NOWHERE, args=lambda world: {"rest": "v1/nothing/"}, why="every other address below /api/"
    ),
    "operators:api_imports": Door(Kind.OWN, post=sheet),
    "operators:api_import": Door(Kind.THING, args=public_id_of("draft"), get=READ),
    "operators:api_import_confirm": Door(Kind.THING, args=public_id_of("draft"), post=nothing),
}

PROFILE = {
    "accounts:change_photo": Door(
        Kind.PERSON, post=lambda world: {"photo": SimpleUploadedFile("a.png", world.picture)}
    ),
    "accounts:remove_photo": Door(Kind.PERSON, post=nothing),
    "accounts:photo": Door(Kind.THING, args=lambda world: {"key": world.photo_key, "size": 96}, get=READ),
    "accounts:operators_photo": Door(
        Kind.SECRET,
        args=lambda world: {"key": world.photo_key},
        get=READ,
        forge=token_tries(lambda world: world.photo_key, "key"),
        why="visitors see who answers; the name of the picture has 128 random bits",
    ),
    "accounts:member_photo": Door(
        Kind.SECRET,
        args=lambda world: {"key": world.photo_key},
        get=READ,
        forge=token_tries(lambda world: world.photo_key, "key"),
        why="visitors see who answers; the name of the picture has 128 random bits",
    ),
    "accounts:end_sessions": Door(Kind.PERSON, post=lambda world: {"which": "others"}),
    "accounts:export_person": Door(Kind.PERSON, get=READ),
    "accounts:leave": Door(
        Kind.PERSON,
        post=lambda world: {"password": PASSWORD},
        owner_gets=(400,),
        why="the last owner of an account in which others work stays",
    ),
    "accounts:come_back": Door(
        Kind.SECRET,
        args=lambda world: {"token": world.way_back_token},
        get=READ,
        post=nothing,
        forge=token_tries(lambda world: world.way_back_token),
    ),
    "accounts:export_account": Door(Kind.OWN, get=READ),
    "accounts:close_account": Door(
        Kind.OWN, post=lambda world: {"password": "not hers"}, owner_gets=(400,), why="only with the right password"
    ),
    "accounts:reopen_account": Door(Kind.OWN, post=nothing, owner_gets=(404,), why="the account is not closed"),
}

TEAM_PAGES = {
    "operators:team": Door(Kind.OWN, get=READ),
    "operators:invite": Door(
        Kind.OWN,
        get=READ,
        post=lambda world: {"name": "Nat Specimen", "email": "nat@needle.example", "role": "operator"},
    ),
    "operators:edit_member": Door(
        Kind.THING, args=colleague, get=READ, post=lambda world: {"role": "operator", "limit": "3"}
    ),
    "operators:remove_member": Door(Kind.THING, args=colleague, get=READ, post=nothing),
    "operators:hand_over": Door(Kind.THING, args=colleague, get=READ, post=nothing),
    "operators:leave": Door(Kind.OWN, get=READ, post=nothing),
    "operators:send_again": Door(Kind.THING, args=public_id_of("invitation"), post=nothing),
    "operators:copy_link": Door(Kind.THING, args=public_id_of("invitation"), post=nothing),
    "operators:withdraw": Door(Kind.THING, args=public_id_of("invitation"), post=nothing),
    "operators:invitation": Door(
        Kind.SECRET,
        args=lambda world: {"token": world.invitation_token},
        get=READ,
        post=nothing,
        forge=token_tries(lambda world: world.invitation_token),
    ),
    "operators:remove_address": Door(
        Kind.SECRET,
        args=lambda world: {"token": world.invitation_token},
        get=READ,
        post=nothing,
        forge=token_tries(lambda world: world.invitation_token),
        refused=(200, 302, 404),
        why="every token looks alike there, so that the page tells nobody whether an address was invited",
    ),
    "operators:import": Door(Kind.OWN, get=READ, post=sheet),
    "operators:import_template": Door(Kind.OWN, get=READ),
    "operators:import_preview": Door(Kind.THING, args=public_id_of("draft"), get=READ, post=nothing),
    "operators:import_result": Door(Kind.THING, args=public_id_of("draft"), get=READ),
    "operators:import_verdicts": Door(Kind.THING, args=public_id_of("draft"), get=READ),
}

WEBSITES = {
    "chat:website_add": Door(Kind.OWN, post=lambda world: {"website": "https://third.acme-bikes.example"}),
    "chat:website": Door(
        Kind.THING,
        args=lambda world: {"key": world.widget.key},
        get=READ,
        post=lambda world: {
            "name": "Ours",
            "greeting": "Hi",
            "allowed_origins": "https://x.example",
            "brand_colour": "#102030",
        },
    ),
    "chat:website_remove": Door(
        Kind.THING, args=lambda world: {"key": world.second_widget.key}, get=READ, post=nothing
    ),
}

TEAM: dict[str, Door] = {**ACCESS, **API, **PROFILE, **TEAM_PAGES, **WEBSITES}
