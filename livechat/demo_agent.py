"""The demo's support agent: one of our own staff, whose second step a newcomer can take without a telephone."""

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.conf import settings

from accounts import actions, queries
from accounts.models import StaffRole, User
from core.keys import keep_secret_file
from livechat.demo_people import AGENT, demo_password


def make_agent() -> User:
    """The agent with a role, a public name and a second factor; what is there already is left as it is."""
    user = User.objects.filter(email=AGENT.email).first() or actions.register_staff(
        email=AGENT.email, password=demo_password(), name=AGENT.name, surname=AGENT.surname
    )
    actions.give_role(user=user, role=StaffRole.SUPPORT_AGENT, by_user_id=None)
    if not queries.has_second_factor(user):
        TOTP.activate(user, demo_secret())
    if queries.member_gaps(user):
        actions.become_member(user=user, display_name=f"{AGENT.name} of {settings.SITE_NAME}", is_minor=False)
    return user


def demo_secret() -> str:
    """The secret of the agent's second step: made once per installation, kept in VAR/demo_second_step."""
    return keep_secret_file(settings.VAR / "demo_second_step", make=generate_totp_secret)


def demo_code() -> str:
    """The code that the agent's authenticator app would show now; it is good for half a minute, once."""
    return f"{hotp_value(demo_secret(), next(yield_hotp_counters_from_time())):06d}"
