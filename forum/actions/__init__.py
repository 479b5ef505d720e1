"""Every write of the forum."""

from forum.actions.categories import save_category
from forum.actions.drafts import forget_draft, save_draft
from forum.actions.members import acknowledge_warning, choose_when_gone
from forum.actions.posts import add_post, delete_own_post, edit_post, store_rendered
from forum.actions.reacting import accept_answer, react
from forum.actions.reading import end_watch, mark_read, see_mentions, watch
from forum.actions.states import recount, set_states, set_topic_states
from forum.actions.topics import start_topic

__all__ = [
    "accept_answer", "acknowledge_warning", "add_post", "choose_when_gone", "delete_own_post", "edit_post",
    "end_watch", "forget_draft", "mark_read", "react", "recount", "save_category", "save_draft", "see_mentions",
    "set_states", "set_topic_states", "start_topic", "store_rendered", "watch",
]  # fmt: skip
