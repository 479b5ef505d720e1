"""Access, API keys, the profile, and what belongs to the log-in."""

from typing import Any

from tests.looks.look import Look, _leader, owner


def access_owner() -> Any:
    """The owner of the demo company, with twelve addresses on the list and colleagues who logged in from some."""
    from allauth.usersessions.models import UserSession

    from accounts.actions import add_access_rule
    from accounts.models import AccessRule, Membership
    from accounts.scoping import account_scope

    leader = _leader()
    if AccessRule.of(leader.account).exists():
        return leader.user
    with account_scope(leader.account):
        add_access_rule(by=leader, network="198.51.100.0/24", label="Shop, ground floor")
        add_access_rule(by=leader, network="2001:db8:12::/48", label="Workshop")
        for number in range(10):
            add_access_rule(by=leader, network=f"192.0.2.{number}", label=f"Stand {number}")
    seen = ("198.51.100.9", "192.0.2.60", "2001:db8:12::7")
    others = Membership.objects.filter(account=leader.account).exclude(pk=leader.pk)
    for member, address in zip(others, seen, strict=False):
        UserSession.objects.create(user=member.user, session_key=f"look{member.pk}", ip=address, user_agent="look")
    return leader.user


def lock_oneself_out(page: Any) -> None:
    """Chooses the list from an address that is not on it."""
    page.check("[name=mode][value=listed]")
    page.click(".action-bar button[type=submit]")
    page.wait_for_selector(".error-summary")


def keys_owner() -> Any:
    """The owner of the demo company, with twelve API keys, one of them revoked."""
    from accounts.actions import create_api_key, revoke_api_key
    from accounts.models import ApiKey
    from accounts.scoping import account_scope

    leader = _leader()
    with account_scope(leader.account):
        if not ApiKey.objects.exists():
            for number in range(12):
                key, _secret = create_api_key(
                    membership=leader, name=f"Import of branch {number}", scopes=["team.edit", "profile.read"], days=90
                )
            revoke_api_key(key=key, by=leader)
    return leader.user


def make_a_key(page: Any) -> None:
    """Has a key made, which the page then shows once."""
    page.fill("[name=name]", "Nightly import")
    page.click("main form button:has-text('Make the key')")
    page.wait_for_selector("#secret")


def keep_owner_out() -> str:
    """The console, for the owner of an account that lets nobody in from here."""
    from accounts.models import Account

    access_owner()
    Account.objects.filter(pk=_leader().account_id).update(access_mode="listed")
    return "/app/settings/access/"


def recovery_link() -> str:
    """The page behind the link that opens the door again."""
    from accounts.actions import send_recovery_links
    from accounts.links import recovery_url
    from accounts.models import AccessRecovery
    from accounts.scoping import account_scope

    leader = _leader()
    with account_scope(leader.account):
        send_recovery_links(account=leader.account, asked_by=leader.user_id)
        link = AccessRecovery.objects.latest("pk")
    return "/app" + recovery_url(link).partition("/app")[2]


PROFILE_LATER = dict.fromkeys(
    ("table", "table-plain", "table-wrap", "notify", "switch", "faint", "sub"),
    "what we write about is chosen on a page of its own",
)


def choose_a_wrong_name(page: Any) -> None:
    """Sends a name that no member may have, and no age."""
    page.fill("#member-display_name", "www.specimen.example")
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.click("main form button[type=submit]")
    page.wait_for_selector("#member-age-error")


def say_too_young(page: Any) -> None:
    """Answers that one is a child."""
    page.check("[value=child]")
    page.click("main form button[type=submit]")
    page.get_by_role("heading", name="You can read here").wait_for()


def photographed_owner() -> Any:
    """The owner of the demo company, with a photo and twelve changes of the profile."""
    from accounts.actions import become_member, block_member, change_profile, set_photo
    from accounts.models import ProfileChange
    from accounts.testing import make_public, make_user
    from accounts.tests.pictures import plain

    user = owner()
    if not user.display_name:
        become_member(user=user, display_name="Ada on two wheels", is_minor=False)
        block_member(user=user, other=make_public(make_user(), "Loud Neighbour"))
    if not user.photo_key:
        set_photo(user=user, data=plain((640, 480)))
    while ProfileChange.objects.filter(user=user).count() < 12:
        change_profile(user=user, name=user.name, surname=user.surname, language="en", time_zone="Europe/Warsaw")
        change_profile(user=user, name=user.name, surname=user.surname, language="en", time_zone="")
    return user


def list_this_log_in(page: Any) -> None:
    """Lists the browser's session as a log-in does: the walk's browsers get theirs without logging in."""
    from allauth.usersessions.models import UserSession

    [key] = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "session"]
    UserSession.objects.get_or_create(
        session_key=key, defaults={"user": owner(), "ip": "203.0.113.24", "user_agent": "Firefox/140.0 (Linux)"}
    )
    page.reload()


def leave_with_a_wrong_password(page: Any) -> None:
    """Opens the dialog that deactivates, and types a wrong password."""
    page.click("button[commandfor=bye]")
    page.fill("#bye-password", "not the password")
    page.click("#bye button[type=submit]")
    page.wait_for_selector("#bye-error")


ACCOUNT: list[Look] = [
    Look("settings-access", "/app/settings/access/", "settings-access", user=access_owner, rows="tbody tr",
         before=lock_oneself_out, status_after=400,
         left_out={"dot": "the own state is shown in the console", "dot-on": "the own state is shown in the console"}),
    Look("settings-access-calm", "/app/settings/access/", user=access_owner, rows="tbody tr"),
    Look("api-keys", "/app/settings/keys/", user=keys_owner, rows="tbody tr"),
    Look("api-key-made", "/app/settings/keys/", user=keys_owner, rows="tbody tr", before=make_a_key),
    Look("kept-out", keep_owner_out, user=access_owner, status=403),
    Look("recover", recovery_link, user=access_owner),
    Look("profile", "/app/profile/", "profile", user=photographed_owner, rows="#changes li", before=list_this_log_in,
         left_out=PROFILE_LATER),
    Look("profile-wrong-password", "/app/profile/", user=photographed_owner, before=leave_with_a_wrong_password,
         status_after=400),
    Look("member", "/app/profile/public/?next=/policy/", user=owner),
    Look("member-wrong", "/app/profile/public/", user=owner, before=choose_a_wrong_name, status_after=400),
    Look("member-too-young", "/app/profile/public/", user=owner, before=say_too_young),
    Look("preferences", "/app/preferences/", user=owner),
    Look("sessions", "/account/sessions/", user=owner),
    Look("second-factor", "/account/2fa/", user=owner),
]  # fmt: skip
