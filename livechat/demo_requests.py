"""Requests of the demo: one in each state, for who tries the support centre and the agents' desk."""

from typing import Any

from support.actions.desk import Changes, add_note, answer_request, change_requests
from support.actions.requests import Contact, Written, make_request, rate, reply_as_requester
from support.actions.settings import save_reply
from support.models import SupportRequest

REPLIES = (
    ("Hello", "Hello {name|there},\n\nthank you for writing. "),
    (
        "The four usual reasons",
        "Please look at these first: is the script on the page, is the address of the page on the list of allowed "
        "websites, does the site's Content-Security-Policy let it in, and is the widget switched on?",
    ),
    ("Solved?", "Did that solve request {number}? If not, just write again.\n\n{agent}"),
)  # fmt: skip


def ask(subject: str, text: str, *, user: Any = None, name: str = "", email: str = "", **more: Any) -> SupportRequest:
    """A request of a member, or of a guest with a made-up address."""
    who = Contact(user.email, user.name, user.surname) if user else Contact(email, name)
    return make_request(contact=who, subject=subject, written=Written(text), user=user, **more)


def fill_requests(agent: Any, owner: Any) -> None:
    """Six requests and three saved replies; run again, it adds nothing."""
    if SupportRequest.objects.exists():
        return
    for title, text in REPLIES:
        save_reply(reply=None, title=title, text=text, agent=agent)
    new = ask(
        "Chat does not appear on my shop page", "The button is there on the home page and not in the shop.",
        name="Robin Mockup", email="robin@specimen.example",
    )  # fmt: skip
    ask("Change our company name", "We are Acme Bicycles now. How do I change that?", user=owner)
    ask("Delete everything", "Please delete what you have about me.", name="Jo Fixture", email="jo@specimen.example",
        kind=SupportRequest.Kind.PRIVACY)  # fmt: skip
    waiting = ask(
        "Invoice shows the old address", "We moved in April. The invoice still shows 1 Sample Street.", user=owner,
        kind=SupportRequest.Kind.INVOICE,
    )  # fmt: skip
    answer_request(request=waiting, agent=agent, written=Written("Which address should it be? Then I write a new one."))
    busy = ask("Import says row 6 has no name", "But it does.", name="Kim Testcase", email="kim@specimen.example")
    add_note(request=busy, agent=agent, written=Written("A non-breaking space in the heading, I think."))
    change_requests(
        requests=[busy], agent=agent, changes=Changes(assignee=agent, priority="high", add_tags=("import",))
    )
    change_requests(requests=[new], agent=agent, changes=Changes(add_tags=("widget",)))
    done = ask("Two-step codes by key", "Can I use a security key?", user=owner)
    answer_request(
        request=done, agent=agent, written=Written("Yes: in your profile, under log-in."), status="solved"
    )  # fmt: skip
    rate(request=done, rating="good", comment="Quick, thank you.", user=owner)
    again = ask("Sound stays off", "I switched it on.", name="Lou Dummy", email="lou@specimen.example")
    answer_request(request=again, agent=agent, written=Written("Does your browser mute the page?"))
    reply_as_requester(request=again, written=Written("It did, but it still stays off."))
