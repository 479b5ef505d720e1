"""The demo's forum: a handful of categories, questions with answers, one of them accepted."""

from accounts import actions as accounts
from accounts.models import User
from forum import actions
from forum.models import Category, Post, State, Topic
from forum.warning import WARNING_VERSION
from livechat.demo_people import DemoPerson, demo_password

MEMBERS = (
    (DemoPerson("Robin", "Mockup", "robin@specimen.example"), "Robin Mockup"),
    (DemoPerson("Kim", "Testcase", "kim@specimen.example"), "Kim Testcase"),
    (DemoPerson("Sky", "Demo", "sky@specimen.example"), "Sky Demo"),
    (DemoPerson("Jo", "Fixture", "jo@specimen.example"), "Jo Fixture"),
)
CATEGORIES = (
    ("set-up-the-chat", "Set up the chat", "Add it to a site, colours, languages", "chat"),
    ("team-and-access", "Team and access", "Invites, import, two-step log-in", "team"),
    ("reports-and-goals", "Reports and goals", "What each number means", "report"),
    ("privacy", "Privacy", "Requests, retention, cookies", "shield-check"),
    ("ideas", "Ideas", "What you would like to see next", "puzzle"),
)
# (category, author, title, [(author, text), ...], place of the accepted answer or None)
Talk = tuple[int, int, str, list[tuple[int, str]], int | None]
TALKS: tuple[Talk, ...] = (
    (0, 0, "Chat does not appear on my shop page", [
        (0, "I pasted the script at the end of the page, saved, and there is no bubble. The console says "
            "`Refused to frame`. What am I missing?"),
        (1, "That message means the page only allows frames from itself. Add the chat's address to `frame-src`:\n\n"
            "```\nContent-Security-Policy: frame-src 'self' https://chat.acme-bikes.example\n```\n\n"
            "Then open **Settings, Install**, and press *Check my page*. It lists anything else that is in the way."),
        (3, "> Then open Settings, Install, and press Check my page.\n\nWorked for us too, thank you. "
            "For two sites you need both addresses."),
        (0, "That was it. The bubble is there now."),
    ], 2),
    (0, 1, "Widget covers my cookie notice on phones", [
        (1, "On small screens the bubble lies over the button of our cookie notice. Can I move it up?"),
        (2, "You can choose the other side of the page in the settings of the widget. We did that."),
    ], None),
    (0, 3, "Different colours for two sites", [
        (3, "We have two shops with two brands. Can each have its own colour?"),
        (0, "Yes: add the second website under *Websites*, it has settings of its own."),
    ], 2),
    (1, 1, "Import says row 6 has no name, but it does", [
        (1, "Row 6 of my sheet has a name in the second column. The import says that it has none."),
        (3, "Look at the header: the import looks for a column called *name*. Ours was called *who*."),
    ], 2),
    (3, 2, "How do I keep chats for less than 90 days?", [
        (2, "Our lawyers ask for 30 days. Where do I change that?"),
        (1, "Settings, Retention. Before you save, it says how many chats would go tonight."),
    ], 2),
    (4, 3, "A shortcut for the last closed chat", [
        (3, "I often close a chat one second too early. A key that opens the last one again would be fine."),
    ], None),
)  # fmt: skip


def fill_forum() -> int:
    """Makes the demo's forum once; answers how many topics are there."""
    if not Category.objects.exists():
        places = [
            actions.save_category(
                category=Category(),
                changes={"slug": slug, "name": name, "description": words, "icon": icon, "order": order},
            )
            for order, (slug, name, words, icon) in enumerate(CATEGORIES)
        ]
        people = [_member(person, name) for person, name in MEMBERS]
        for talk in reversed(TALKS):
            _talk(talk, places, people)
    return Topic.objects.count()


def _member(person: DemoPerson, display_name: str) -> User:
    user = User.objects.filter(email=person.email).first() or accounts.register_person(
        email=person.email, password=demo_password(), name=person.name, surname=person.surname
    )
    accounts.become_member(user=user, display_name=display_name, is_minor=False)
    actions.acknowledge_warning(user=user, version=WARNING_VERSION)
    return user


def _publish(topic: Topic) -> None:
    """First posts wait for a moderator; those of the demo have been looked at."""
    actions.set_states(Post.objects.filter(topic=topic, state=State.HELD), State.PUBLISHED)


def _talk(talk: Talk, places: list[Category], people: list[User]) -> None:
    """One topic with its answers, and what the members found helpful."""
    place, author, title, lines, accepted = talk
    topic = actions.start_topic(author=people[author], category=places[place], title=title, text=lines[0][1])
    _publish(topic)
    for who, text in lines[1:]:
        actions.add_post(author=people[who], topic=topic, text=text)
        _publish(topic)
    if accepted is not None:
        answer = Post.objects.get(topic=topic, number=accepted)
        actions.accept_answer(topic=topic, post=answer, by=people[author])
        for reader in people:
            if reader.pk != answer.author_id:
                actions.react(post=answer, user=reader, is_on=True)
