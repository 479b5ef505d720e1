"""Who and what the pages about personal data show: cases, copies, erasures, holds, demands, counts and grants."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from accounts.models import User
from accounts.scoping import account_scope
from tests.looks.look import _leader, agent, owner


def officer() -> User:
    """The demo's privacy officer, with fourteen cases of guests to answer: one late, one paused, one answered."""
    from privacy.actions import cases
    from privacy.models import Case
    from privacy.testing import make_guest_case

    user: User = agent()
    if Case.objects.count() < 12:
        made = [make_guest_case(f"guest{number}@specimen.example") for number in range(14)]
        now = timezone.now()
        Case.objects.filter(pk=made[0].pk).update(received_at=now - timedelta(33), due_at=now - timedelta(3))
        cases.pause_case(case=made[1], by=user, reason="Please name the website of the chat.")
        cases.extend_case(case=made[2], by=user, days=20, reason="The chats lie in an archive.")
        cases.refuse_case(
            case=made[3], by=user, reason_code=Case.Reason.NOT_OURS, answer="No chat of yours is here.",
            review_on=timezone.now().date() + timedelta(90),
        )  # fmt: skip
    return user


def queue_case() -> str:
    """The case of a guest that is late."""
    from privacy.models import Case

    case = Case.objects.filter(email="guest0@specimen.example").get()
    return f"/privacy/queue/{case.number}/"


def ended_case() -> str:
    """A case that was refused."""
    from privacy.models import Case

    case = Case.objects.filter(email="guest3@specimen.example").get()
    return f"/privacy/queue/{case.number}/"


def cases_owner() -> User:
    """The owner of the demo company, with a case of a visitor to answer."""
    from chat.models import Visitor
    from privacy.actions.cases import open_case
    from privacy.models import Case
    from privacy.persons import person_of_visitor

    leader = _leader()
    with account_scope(leader.account):
        if not Case.objects.filter(account=leader.account).exists():
            visitor = Visitor.objects.order_by("-pk").first()
            open_case(
                kind=Case.Kind.ERASURE, channel=Case.Channel.OPERATOR, person=person_of_visitor(visitor.pk),
                account=leader.account, by=leader.user, email="robin@specimen.example", text="Forget my chat.",
            )  # fmt: skip
    user: User = leader.user
    return user


def account_case() -> str:
    """The case of the demo company's visitor."""
    from privacy.models import Case

    return f"/app/settings/cases/{Case.objects.get(account=_leader().account).number}/"


def guest_case() -> str:
    """A guest's case behind its secret link."""
    from privacy.case_links import page_url
    from privacy.testing import make_guest_case

    return urlsplit(page_url(make_guest_case("pat@specimen.example"))).path


def case_to_confirm() -> str:
    """The page behind the link that proves an address."""
    from privacy.case_links import confirm_url
    from privacy.testing import make_guest_case

    return urlsplit(confirm_url(make_guest_case("kim@specimen.example", is_proved=False))).path


def send_without_an_address(page: Any) -> None:
    """Sends a request without saying who asks."""
    page.get_by_role("button", name="Send request").click()
    page.wait_for_selector(".error")


def ask_for_a_code(page: Any) -> None:
    """Asks for a code to an address and sends a wrong one."""
    page.fill("[name=email]", "pat@specimen.example")
    page.get_by_role("button", name="Send the code").click()
    page.fill("[name=code]", "000000")
    page.get_by_role("button", name="Show my data").click()
    page.wait_for_selector(".error")


def kind_of_data() -> str:
    """The rows of one kind: what was changed in the owner's profile."""
    from tests.looks.account import photographed_owner

    photographed_owner()
    return "/privacy/kinds/accounts.ProfileChange/"


def ready_copy() -> str:
    """A copy of the owner's data, ready to be fetched."""
    from privacy.testing import make_download

    return f"/privacy/copies/{make_download(owner()).public_id}/"


def _erased() -> Any:
    from accounts.testing import make_user
    from privacy.actions.erasing import confirm_erasure, plan_erasure, run_erasure
    from privacy.models import ErasurePlan
    from privacy.persons import person_of_user

    plan = ErasurePlan.objects.filter(state=ErasurePlan.State.DONE).first()
    if plan is None:
        person = person_of_user(make_user(name="Quirin", surname="Onlyonce"))  # a name that nobody in the demo has
        plan = run_erasure(plan=confirm_erasure(plan=plan_erasure(person=person)))
    assert plan.certificate, plan.findings
    return plan


def erasure_result() -> str:
    """The certificate of somebody who was erased."""
    return f"/privacy/erase/{_erased().public_id}/"


def check_the_certificate(page: Any) -> None:
    """Pastes a certificate of ours, which the page then shows."""
    page.fill("[name=certificate]", _erased().certificate)
    page.get_by_role("button", name="Check").click()
    page.wait_for_selector(".receipt")


def check_a_wrong_certificate(page: Any) -> None:
    """Pastes what is no certificate."""
    page.fill("[name=certificate]", "{}")
    page.get_by_role("button", name="Check").click()
    page.wait_for_selector(".error")


def erase_with_a_wrong_password(page: Any) -> None:
    """Says yes to all with a wrong password."""
    page.fill("[name=password]", "not the password")
    page.check("[name=understood]")
    page.locator("main form button").last.click()
    page.wait_for_selector(".error")


def hold_officer() -> User:
    """The privacy officer, with a legal hold and an erasure after which something was found."""
    from accounts.testing import make_user
    from core.personal_data import Subject, SubjectRef
    from privacy.actions.erasing import confirm_erasure, plan_erasure
    from privacy.actions.holds import place_hold
    from privacy.models import ErasurePlan, Hold
    from privacy.persons import person_of_user

    user: User = agent()
    if not Hold.objects.exists():
        day = timezone.now().date() + timedelta(120)
        ref = SubjectRef(Subject.USER, owner().pk)
        place_hold(refs=[ref], reason="A claim about an invoice is before a court.", owner=user, review_on=day)
        plan = confirm_erasure(plan=plan_erasure(person=person_of_user(make_user())))
        found = [["support.RequestMessage", "text", 1], ["support.Alarm", "", 2]]
        ErasurePlan.objects.filter(pk=plan.pk).update(state=ErasurePlan.State.REOPENED, findings=found)
    return user


def demand_officer() -> User:
    """The privacy officer, with a demand of a court that a colleague recorded."""
    from accounts.testing import make_officer
    from privacy.actions.disclosing import record_demand
    from privacy.models import LegalDisclosure

    if not LegalDisclosure.objects.exists():
        record_demand(
            by=make_officer(), ground="court", requester="District court of Specimen", reference="4 C 118/30",
            scope="Name and address of the account", user=owner(),
        )  # fmt: skip
    user: User = agent()
    return user


def demand() -> str:
    """The page of that demand."""
    from privacy.models import LegalDisclosure

    demand_officer()
    return f"/staff/disclosures/{LegalDisclosure.objects.earliest('pk').public_id}/"


def receipts_owner() -> User:
    """The owner of the demo company, with a yes that holds and one that was taken back."""
    from policies.actions import give_consent, withdraw_consent
    from policies.models import Receipt

    user: User = owner()
    subject = f"user:{user.pk}"
    if not Receipt.objects.filter(subject=subject).exists():
        give_consent(subject=subject, purpose="marketing", text="Write me offers and news.", channel="site")
        withdraw_consent(subject=subject, purpose="marketing", channel="site")
        give_consent(subject=subject, purpose="marketing", text="Write me offers and news.", channel="site")
    return user


def informed_owner() -> User:
    """That owner, about whom the mail server learned something."""
    from core.outbound import Disclosed, disclose
    from core.personal_data import Purpose

    user = receipts_owner()
    disclose([Disclosed("mail", ("contact",), f"user:{user.pk}", Purpose.SERVICE, "mail")])
    return user


def counts_officer() -> User:
    """The privacy officer, with counts of pages, of which one is too small to be shown."""
    from analytics.models import MeasureDay, PageDay

    today = timezone.now().date()
    if not PageDay.objects.exists():
        for number in range(10):
            PageDay.objects.create(day=today, page=f"/forum/c/page-{number}/", views=number * 9 + 7, readers=number * 4)
        MeasureDay.objects.create(day=today, measure="events", name="search", times=44, total=0)
    user: User = agent()
    return user


def granted_owner() -> User:
    """The owner of the demo company, who lets our agents in; one of them opened a chat."""
    from chat.models import Chat
    from support.actions.access import give_access, note_look
    from support.models import StaffGrant

    leader = _leader()
    with account_scope(leader.account):
        if not StaffGrant.of(leader.account).exists():
            grant = give_access(by=leader, hours=24, reason="Chats of Monday are missing")
            note_look(agent=agent(), grant=grant, chat=Chat.objects.order_by("-pk").first())
    user: User = leader.user
    return user


def granted_agent() -> User:
    """The support agent, who is let in by the demo company."""
    granted_owner()
    user: User = agent()
    return user


def granted_chats() -> str:
    """The chats of the demo company, as our agent reads them."""
    return f"/staff/accounts/{_leader().account.slug}/chats/"


def administrator() -> User:
    """An administrator of the site, with a campaign that was not sent yet."""
    from accounts.actions import register_staff
    from accounts.testing import PASSWORD
    from notifications.models import Campaign

    Campaign.objects.get_or_create(subject="What is new", defaults={"text": "Tags can be merged now."})
    return User.objects.filter(is_superuser=True).first() or register_staff(
        email="admin@livechat.example", password=PASSWORD, name="Ada", surname="Admin", administrator=True
    )


def look_somebody_up(page: Any) -> None:
    """Asks what the owner had accepted by today."""
    page.fill("[name=email]", owner().email)
    page.get_by_role("button", name="Look up").click()
    page.wait_for_selector("#who-h")


def masked_owner() -> User:
    """The owner of the demo company, after a visitor whom an operator had named was erased."""
    from accounts.actions.erasing import erase_at_once
    from chat.actions.chats import close_chat
    from chat.models import Chat, Message
    from chat.testing import make_chat, say
    from core.personal_data import Subject, SubjectRef
    from operators.actions import ensure_operator

    leader = _leader()
    with account_scope(leader.account):
        waits = Message.objects.filter(masked_at__isnull=False).exists()
    if not waits:
        operator = ensure_operator(membership=leader)
        chat = make_chat(leader.account, text="Is it ready?", name="Robin Specimen", operator=operator)
        for line in ("Good morning", "It is ready, Robin: come by at four", "See you then"):
            say(chat, line, operator=operator)
        with account_scope(leader.account):
            close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.OPERATOR, operator=operator)
        erase_at_once(SubjectRef(Subject.VISITOR, chat.visitor_id))
    user: User = leader.user
    return user
