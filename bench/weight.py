"""G14: what the console, the forum and the public pages about privacy weigh in Chromium, cold, compressed, with everything."""

import json
import shutil
from typing import Any

from bench.harness import Site, running_site
from bench.page_cpu import FILL

TALK = """
import json
from forum.testing import make_category, make_post, make_topic, make_writer
from policies.actions import publish_version
from policies.proving import prove
publish_version(kind="policy")
prove()
category, pat = make_category(name="Widget and console"), make_writer(name="Pat Bench")
for number in range(30):
    topic = make_topic(pat, title=f"How do I change the colour of bubble number {number}?", category=category)
for number in range(19):
    make_post(topic, pat, f"It is in **Settings**, *Look*, line {number}:\\n\\n> the colour\\n\\n1. open it\\n2. choose")
print(json.dumps([category.slug, str(topic.public_id)]))
"""
PUBLIC = {
    "your data": "/privacy/start/", "requests": "/privacy/requests/", "policy": "/policy/", "promises": "/promises/",
    "cookies": "/cookies/", "data map": "/privacy/data/", "recipients": "/privacy/recipients/", "security": "/security/",
}  # fmt: skip
LIMITS = {"console": 150_000, **dict.fromkeys(("forum topic", "forum category", "forum", *PUBLIC), 60_000)}


def weigh(browser: Any, site: Site, path: str, cookie: str = "") -> tuple[int, list[tuple[str, int]]]:
    """Bytes of the bodies as they come over the wire to a browser that was never here: (in all, of each file)."""
    context = browser.new_context(extra_http_headers={"Cookie": cookie} if cookie else {})
    page, answers = context.new_page(), []
    page.on("response", lambda response: answers.append(response))
    response = page.goto(f"{site.origin}{path}", wait_until="networkidle" if not cookie else "load")
    assert response is not None and response.status == 200, (path, response and response.status)
    page.wait_for_timeout(1500)
    files = [
        (one.url.removeprefix(site.origin).split("?")[0], one.request.sizes()["responseBodySize"]) for one in answers
    ]
    foreign = [name for name, _size in files if name.startswith("http")]
    assert not foreign, foreign
    context.close()
    return sum(size for _name, size in files), files


def measure() -> list[dict[str, Any]]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    assert chromium, "apt-get install -y chromium"
    env = {"LIVECHAT_DEV": "0", "SECRET_KEY": "of this bench only", "LOG_JSON": "1"}  # compressed, as in production
    results = []
    with running_site(env=env, collect=True) as site, sync_playwright() as playwright:
        cookie = site.script(FILL)
        slug, topic = site.script(TALK)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        places = {
            "console": ("/app/chats/", cookie), "forum topic": (f"/forum/t/{topic}/", ""), "forum category": (f"/forum/c/{slug}/", ""),
            "forum": ("/forum/", ""), **{name: (path, "") for name, path in PUBLIC.items()},
        }  # fmt: skip
        for name, (path, own) in places.items():
            size, files = weigh(browser, site, path, own)
            results.append(
                {
                    "goal": "G14", "limit": f"{name}, cold: <= {LIMITS[name] // 1000} KB compressed with everything",
                    "bytes": size, "requests": len(files), "holds": size <= LIMITS[name], "files": dict(files),
                }
            )  # fmt: skip
        browser.close()
    return results


if __name__ == "__main__":
    for result in measure():
        print(json.dumps(result), flush=True)
