"""One row of a person in every declared table: what the fence world does not have yet."""

import uuid
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.models import ApiKey
from accounts.scoping import account_scope
from analytics.models import MeasureDay, PageDay
from chat.actions.chats import accept_chat
from chat.actions.drafts import save_draft
from chat.actions.edits import edit_line
from chat.actions.notes import add_note
from chat.actions.seeing import allow_seeing
from chat.actions.tags import tag_chat
from chat.models import Block, ChatSettings, Message
from chat.testing import make_visitor
from core.personal_data import Subject, SubjectRef
from enforcement.testing import make_noticed
from facts.actions import record_sale
from facts.actions.sales import Touched
from forum.actions.posts import edit_post
from forum.actions.reacting import react
from forum.actions.reading import mark_read
from forum.actions.reporting import report_post
from forum.models import Mention
from notifications.addresses import hash_address
from notifications.models import CampaignReader, ReceivedMail, Suppression, UnclaimedMail
from operators.actions import choose_members
from operators.models import ImportRow
from policies.models import ProbeDay
from privacy.actions.children import report_child
from privacy.actions.holds import place_hold
from privacy.actions.proving import ask_proof
from privacy.models import ErasurePlan, LegalDisclosure
from privacy.testing import make_case
from support.actions.access import note_look
from surveys.actions import fill_in
from surveys.actions.filling import Asked
from surveys.filling import Filled
from surveys.models import Question
from surveys.queries import list_questions


def make_rest(world: Any) -> None:
    """Called once on a world that is whole: dave and alice then have a row in each table of their kind."""
    _make_visitor(world)
    _make_member(world)
    _make_mails(world)
    _make_site(world)


def _make_visitor(world: Any) -> None:
    chat, operator, dave = world.daves_chat, world.alice_operator, world.dave
    with account_scope(world.acme):
        line = Message.objects.filter(chat=chat, author=Message.Author.VISITOR).order_by("seq").first()
        edit_line(chat_pk=chat.pk, seq=line.seq, client_id=uuid.uuid4(), text="A better needle")
        add_note(chat_pk=chat.pk, operator=operator, client_id=uuid.uuid4(), text="Look at the needle")
        accept_chat(operator=operator, chat_pk=chat.pk)
        save_draft(chat_pk=chat.pk, operator=operator, text="Dear needle")
        tag_chat(operator=operator, chat_pk=chat.pk, name="needle tag")
        ChatSettings.objects.filter(account=world.acme).update(board_on=True)
        allow_seeing(visitor_pk=dave.pk, on=True, asked=True, language="en")
        touched = Touched(dave.pk, chat.pk, operator.pk, 0, is_direct=True)
        record_sale(
            account=world.acme, order="Needle of dave", amount="1.50", currency="EUR", touched=touched, checked=True
        )
        _fill(world.tools.survey, Asked(visitor=dave), world.acme)
        Block.objects.create(  # the action would end the chat, and the draft with it
            account=world.acme,
            visitor=dave,
            operator=operator,
            reason="needle",
            until=timezone.now() + timedelta(hours=1),
        )
        ImportRow.objects.create(
            account=world.acme, draft=world.draft, number=99, name="Needle", email=world.invitation.email,
            code=ImportRow.Code.CREATED,
        )  # fmt: skip
    choose_members(group=world.group, by=world.alice_member, operators=[world.bob_operator.pk, operator.pk])


def _fill(survey: Any, asked: Asked, account: Any) -> None:
    text = Question.objects.create(
        account=account, survey=survey, position=90, kind=Question.Kind.TEXT, label="Anything else?"
    )
    rating = list_questions(survey)[0]
    answers: dict[int, Any] = {rating.pk: [5], text.pk: "A needle of an answer"}
    fill_in(survey=survey, asked=asked, filled=Filled(answers, name="Needle", email="n@needle.example"), consent="Yes.")


def _make_member(world: Any) -> None:
    alice, talk = world.alice, world.talk
    edit_post(post=talk.answer, editor=alice, text="Look at the list of addresses")
    react(post=talk.opening, user=alice, is_on=True)
    mark_read(user=alice, topic=talk.topic, number=2)
    report_post(post=talk.opening, reporter=alice, reason="advert", text="A needle of a report")
    Mention.objects.get_or_create(post=talk.opening, user=alice)
    with account_scope(world.acme):
        _fill(world.tools.for_members, Asked(user=alice), world.acme)
    note_look(agent=world.nik, grant=world.grant, chat=world.open_chat)
    make_case(alice)
    make_noticed(world.nik, user=alice)
    LegalDisclosure.objects.filter(pk=world.demand.pk).update(told_on=timezone.now().date())
    EmailConfirmation.create(EmailAddress.objects.get(user=alice, email=world.new_address.email))
    SocialAccount.objects.create(user=alice, provider="needle", uid="needle-1", extra_data={"gave": ["name"]})
    LogEntry.objects.create(
        user=world.ada, content_type=ContentType.objects.get_for_model(ApiKey), object_id="1", action_flag=CHANGE,
        change_message="Needle", object_repr="key 1",
    )  # fmt: skip
    CampaignReader.objects.create(campaign=world.campaign, user=alice)


def _make_mails(world: Any) -> None:
    """What mail leaves behind, for the log-in and for the guest."""
    for number, email in enumerate((world.alice.email, world.guest_request.email)):
        Suppression.objects.create(address_hash=hash_address(email), reason=Suppression.Reason.REMOVED)
        UnclaimedMail.objects.create(address=email, message_id=f"<needle-{number}@specimen.example>")
        ReceivedMail.objects.create(
            digest=f"needle {number}", sender_hash=hash_address(email), thread_hash="needle",
            outcome=ReceivedMail.Outcome.UNCLAIMED,
        )  # fmt: skip
        ask_proof(email=email)
        report_child(place="chat", found="Needle of a child", email=email)


def _make_site(world: Any) -> None:
    """Tables about nobody that die after their days too, a plan that nobody confirmed and a hold of somebody else."""
    today, now = timezone.now().date(), timezone.now()
    PageDay.objects.create(day=today, page="landing")
    MeasureDay.objects.create(day=today, measure=MeasureDay.Measure.FREQUENCY, name="console")
    ProbeDay.objects.create(day=today, key="needle", result=ProbeDay.Result.KEPT, figure="1", seen_at=now)
    make_visitor(world.acme, name="Needle who went away")
    ErasurePlan.objects.create(refs=[], keys={}, needles=[])
    place_hold(
        refs=[SubjectRef(Subject.USER, world.carol.pk)], reason="A needle of a claim", owner=world.pia,
        review_on=today + timedelta(days=30),
    )  # fmt: skip
