"""What the widget costs a customer's page, before the click and after it, and the console (G12, G13, G14)."""

import gzip
from typing import Any

import pytest

from accounts.models import Account
from accounts.scoping import account_scope, scopes_disabled
from chat.models import Chat, ChatSettings, Message, Visitor
from chat.testing import make_widget
from operators.actions import ensure_operator
from tests.walks.shop import open_chat, shop, start_chat

pytestmark = pytest.mark.once  # of the browser; what is stored is tested on both databases elsewhere

__all__ = ["shop"]

STRICT = (
    "default-src 'none'; script-src {site}; frame-src {site}; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'"
)
RULE = {"page": "/elsewhere/*", "after": "20", "times": "1", "first": True}
TEXTS = [
    "Looking at cargo bikes? Ada can tell you which one carries a dog.",
    "Not sure about the size? Tell us your height and we find the frame.",
    "Questions about your order? We see it and can change it until it leaves.",
    "Workshop full this week? Ask for the waiting list, somebody often cancels.",
    "Compare two models with somebody who has ridden both of them.",
    "Want a test ride on Thursday? We can book it right here.",
    "We deliver assembled bikes within two days. Ask us for your town.",
    "Leasing through your employer? We know the paperwork of every provider.",
    "Helmet sizes are tricky; send us the measure around your head.",
    "Returns are free for thirty days. Something wrong with yours?",
]
SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shifts += entry.value; })
  .observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(autouse=True)
def answering(alice_member: Any) -> None:
    ensure_operator(membership=alice_member)


class Traffic:
    """Requests, sockets and compressed bytes of a page, without the customer's own."""

    def __init__(self, page: Any, own: str) -> None:
        self.urls: list[str] = []
        self.answers: list[Any] = []
        self.sockets: list[str] = []
        self.own = own
        page.on("response", self._note)
        page.on("websocket", lambda socket: self.sockets.append(socket.url))

    def _note(self, response: Any) -> None:
        if response.url.startswith(self.own):
            return
        self.urls.append(response.url)
        self.answers.append(response)

    def compressed(self) -> int:
        """Bytes after gzip; the site that customers reach answers compressed."""
        return sum(len(gzip.compress(answer.body(), 6)) for answer in self.answers)


@pytest.mark.promise("nothing_before_the_click")
def test_before_the_click_one_request_of_five_kilobytes_and_nothing_moves(
    acme: Account, shop: Any, page_at: Any, site_server: str
):
    origin = shop(greetings=[{**RULE, "text": f"{number}. {text}"} for number, text in enumerate(TEXTS)])
    with account_scope(acme):
        ChatSettings.objects.update_or_create(account=acme, defaults={"board_on": True})
    page = page_at(1000)
    page.add_init_script(SHIFTS)
    traffic = Traffic(page, origin)
    page.goto(f"{origin}/")
    page.get_by_role("button", name="Open chat").wait_for()
    page.wait_for_timeout(1000)
    assert traffic.urls == [f"{site_server}/widget/{make_widget(acme).key}.js"]
    assert traffic.compressed() <= 5 * 1024
    assert traffic.sockets == []
    assert page.evaluate("window.shifts") == 0
    assert page.context.cookies() == []
    with scopes_disabled():
        assert Visitor.objects.count() == 0


@pytest.mark.once
def test_the_loader_runs_for_at_most_ten_milliseconds(shop: Any, page_at: Any, site_server: str):
    origin = shop()
    page = page_at(1000)
    page.goto(f"{origin}/")
    page.get_by_role("button", name="Open chat").wait_for()
    source = page.request.get(page.evaluate("document.querySelector('script').src")).text()
    took = page.evaluate(
        """(source) => {
          const times = [];
          for (let round = 0; round < 5; round++) {
            delete window.livechatLoader;
            const run = new Function(source);
            const from = performance.now();
            run();
            times.push(performance.now() - from);
            document.querySelector("livechat-bubble:last-of-type").remove();
          }
          return times.sort((a, b) => a - b)[2];
        }""",
        source,
    )
    assert took <= 10


def test_after_the_click_five_requests_of_thirty_kilobytes_and_one_socket(shop: Any, page_at: Any):
    origin = shop()
    page = page_at(1000)
    page.goto(f"{origin}/")
    page.get_by_role("button", name="Open chat").wait_for()
    traffic = Traffic(page, origin)
    frame = start_chat(page, "Hello", name="Pat")
    frame.get_by_text("You are number").wait_for()
    assert len(traffic.urls) <= 5, traffic.urls
    assert len(traffic.sockets) == 1
    assert traffic.compressed() <= 30 * 1024


def test_a_strict_policy_of_the_customers_page_breaks_nothing(acme: Account, shop: Any, page_at: Any):
    page = page_at(1000)  # a report of the policy fails the test
    page.goto(f"{shop(csp=STRICT)}/")
    frame = start_chat(page, "Hello", name="Pat")
    frame.get_by_text("You are number").wait_for()
    bubble = page.get_by_role("button", name="Close chat").bounding_box()
    assert (round(bubble["width"]), round(bubble["height"])) == (60, 60)
    with account_scope(acme):
        assert Chat.objects.get().visitor.page_title == "Acme Bikes"


@pytest.mark.promise("nothing_before_the_click")
def test_with_storage_refused_to_frames_of_other_sites_the_chat_works_from_memory(
    acme: Account, shop: Any, page_at: Any
):
    page = page_at(1000)
    page.goto(f"{shop()}/")
    frame = start_chat(page, "Hello", name="Pat")
    inside = next(part for part in page.frames if "/widget/frame/" in part.url)
    refused = "(() => { try { return sessionStorage.length; } catch (error) { return error.name; } })()"
    assert inside.evaluate(refused) == "SecurityError"
    frame.get_by_label("Message", exact=True).fill("Still here")
    frame.get_by_label("Message", exact=True).press("Enter")
    for _ in range(50):
        with account_scope(acme):
            texts = list(Message.objects.order_by("seq").values_list("text", flat=True))
        if len(texts) == 2:
            break
        page.wait_for_timeout(100)
    assert texts == ["Hello", "Still here"]
    assert page.context.cookies() == []


def test_a_website_that_is_not_on_the_list_cannot_show_the_chat(
    acme: Account, alice_member: Any, shop: Any, page_at: Any, complaints: Any
):
    from chat.actions.widgets import change_widget

    complaints.expect("frame-ancestors")
    complaints.expect("chrome-error")
    origin = shop()
    with account_scope(acme):
        change_widget(widget=make_widget(acme), by=alice_member, allowed_origins=["https://other.example"])
    page = page_at(1000)
    page.goto(f"{origin}/")
    page.get_by_role("button", name="Open chat").click()
    page.wait_for_timeout(1500)
    assert page.frame_locator("iframe").locator("#widget").count() == 0
    with account_scope(acme):
        assert Visitor.objects.count() == 0


def test_messages_of_another_window_are_not_listened_to(acme: Account, shop: Any, page_at: Any):
    page = page_at(1000)
    page.goto(f"{shop()}/")
    frame = open_chat(page)
    frame.get_by_label("Your question").wait_for()
    page.wait_for_timeout(500)
    page.evaluate("window.postMessage({ livechat: 1, t: 'unread', n: 7 }, '*')")
    page.evaluate("window.postMessage({ livechat: 1, t: 'minimise' }, '*')")
    inside = next(part for part in page.frames if "/widget/frame/" in part.url)
    inside.evaluate(
        "window.postMessage({ livechat: 1, t: 'page', url: 'https://evil.example/', title: 'x', referrer: '' }, '*')"
    )
    page.wait_for_timeout(500)
    assert page.get_by_role("button", name="Close chat").is_visible()
    frame.get_by_label("Your question").fill("Hello")
    frame.get_by_role("button", name="Start chat").click()
    frame.get_by_role("log").get_by_text("Hello").wait_for()
    with account_scope(acme):
        assert Chat.objects.get().page_title == "Acme Bikes"


@pytest.mark.parametrize("attributes", ["", ' dir="rtl"'])
def test_on_a_phone_the_chat_is_the_screen_and_esc_gives_the_focus_back(shop: Any, page_at: Any, attributes: str):
    page = page_at(375, height=700)
    page.goto(f"{shop(attributes=attributes)}/")
    bubble = page.get_by_role("button", name="Open chat").bounding_box()
    assert (bubble["x"] > 187) == (attributes == "")
    frame = open_chat(page)
    frame.locator("#w-name:focus").wait_for()
    box = page.locator("iframe").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 375, 700)
    assert frame.locator("body").evaluate("document.documentElement.scrollWidth") == 375
    frame.locator("#w-name").press("Escape")
    page.get_by_role("button", name="Open chat").wait_for()
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.localName") == "button"


def test_the_console_costs_at_most_150_kilobytes_with_everything(alice: Any, page_at: Any, site_server: str):
    page = page_at(1440, user=alice)
    traffic = Traffic(page, "nothing of our own is left out")
    page.goto("/app/chats/")
    page.get_by_role("heading", name="Waiting").wait_for()
    page.wait_for_timeout(1500)
    assert len(traffic.sockets) == 1
    assert 20 * 1024 < traffic.compressed() <= 150 * 1024
    assert all(url.startswith(site_server) for url in traffic.urls)
