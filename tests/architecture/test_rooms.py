"""The same room names stand in every app, files stay small, and templates hold no style, script or handler."""

import ast
import re

from tests.architecture.code import ROOT, python_files, room_of, templates, tree_of

ROOMS = {
    "models", "queries", "actions", "events", "subscribers", "forms", "views", "api", "consumers", "tasks", "admin",
    "management", "personal_data", "promises", "outbound", "inbound", "urls", "apps", "checks", "testing", "tests",
    "migrations", "navigation", "health", "metrics", "templatetags", "__init__",
}  # fmt: skip
# machinery and pure logic of one app, by its noun; core and livechat are all machinery
NOUNS = {
    "accounts": {
        "api_base": "the door of the API",
        "adapter": "how django-allauth talks to us", "changes": "changes of a profile in words",
        "admin_site": "the admin with its second factor",
        "devices": "a browser in words", "doors": "decorator of pages by right", "links": "absolute links",
        "middleware": "the active membership", "names": "what a name is made of",
        "notices": "sentences of security mails",
        "roles": "role x action",
        "in_public": "pages: public name and age, blocks",
        "leaving": "pages: export, leave, come back, close", "my_profile": "pages: photo, log-ins",
        "photo_files": "the files of photos", "photos": "draws photos anew, in a child without settings",
        "profile_queries": "reads of a person's own pages and exports",
        "networks": "addresses and ranges", "scoping": "the tenant wall", "ways_in": "pages: access, API keys",
        "join_form": "the form of a first visit from another service",
        "provider_adapter": "how django-allauth's sign-in with other services talks to us",
        "provider_flows": "OpenID Connect, Facebook, X", "provider_http": "requests to services, by the outgoing door",
        "provider_list": "the configured services", "provider_queries": "reads of connections",
        "provider_told": "what a service tells for a form, without a login",
        "sign_in": "pages: sign-in with other services",
        "staff": "our own staff: roles, second factor, the agents' door",
        "sealing": "secrets that are read again", "websites": "reads a website",
    },
    "analytics": {"words": "the words that may be counted"},
    "audit": {"chain": "what is hashed"},
    "chat": {
        "archive": "search and export of closed chats", "bubble": "the bubble's script, greetings, signed identity",
        "counting": "what the lines of a chat add up to",
        "desk": "what operators work with: rows in words, saved replies, tags, blocks, the palette",
        "files": "files of chats", "masking": "takes a person's marks out of lines of others",
        "queue": "who waits, who could answer, who is told",
        "realtime": "protocol, runtime, writer, clock of the chat path",
        "touching": "which chat a goal or a sale belongs to",
        "window": "the visitor's chat window: form, languages, mails, what it keeps",
    },
    "enforcement": {"letters": "letters of cases"},
    "facts": {
        "buckets": "times in classes, for medians", "money": "amounts of currencies",
        "sale_names": "the word under which a sale is counted",
    },
    "forum": {
        "finding": "the full-text index", "links": "addresses of topics and posts",
        "rendering": "a text as it is stored",
        "decided": "the probe of decisions", "decision_mails": "mails about decisions",
        "decision_words": "decisions in words", "moderation_data": "personal data of moderation",
        "moderation_forms": "forms of moderators, reports and objections", "spam": "points by plain rules",
        "work": "proof of work", "threads": "a page of a topic",
        "warning": "the words that everybody can read the forum",
    },
    "notifications": {
        "addresses": "keyed hash of an address", "gates": "what stops a mail",
        "incoming": "reads a mail: headers, texts, files, what is quoted, what a machine wrote",
        "tokens": "unsubscribe links",
    },
    "operators": {
        "imports": "rows of an import in words", "import_pages": "HTML views of the import",
        "import_forms": "what the preview's form says",
        "hours": "opening hours in moments", "group_pages": "pages: groups, opening hours",
        "group_forms": "their forms",
        "invites": "verdicts of rows", "spreadsheet": "reads and writes .xlsx", "suggestions": "did you mean",
    },
    "policies": {
        "coverage": "which numbered promises are built",
        "difference": "diff of two texts", "middleware": "asks again after a material change",
        "proving": "runs probes", "source": "reads the text files",
        "receipt_pages": "HTML views of receipts", "cookie_pages": "HTML views of cookie choices",
        "office": "who is privacy officer",
    },
    "privacy": {
        "case_file": "the case file of a complaint",
        "child_mails": "letters about reports of a child's data",
        "case_links": "secret links of cases", "case_mails": "letters of cases",
        "case_states": "which state of a case follows which", "certificates": "signed certificates",
        "copy_files": "the files of copies", "copying": "writes the copy of a person's data",
        "datamap": "lines of the data map", "disclosure_forms": "forms of disclosures by law",
        "history": "checks by month and day", "hold_form": "form of a legal hold", "intents": "what a mail asks for",
        "ledger": "lines of the promise page", "persons": "who a person is for the data map",
        "screens": "cases in words", "security": "the dated log of controls", "sweep": "looks for what was forgotten",
    },
    "reports": {
        "charts": "numbers as drawings", "coverage": "who was there to answer", "figures": "sums as figures",
        "figure_queries": "reads of the figures", "overview": "tiles and charts", "pages": "HTML views",
        "tables": "rows to download",
        "letters": "the summary in words", "periods": "local days in UTC", "summaries": "figures of a day",
        "words": "numbers and moments in words",
    },
    "support": {
        "access": "staff access by grant: who may read now, what was looked at",
        "alarms": "mails to agents", "answers": "what the forum knows already",
        "deadlines": "minutes of open time", "links": "the secret link of a guest",
        "mails": "mails to requesters", "placeholders": "what saved replies leave open",
        "looking": "who else has a request open", "opened": "what a guest's browser may read",
        "reading": "hours and targets as they are typed", "screens": "requests in words",
        "search": "the full-text index",
    },
    "surveys": {
        "desks": "whose surveys are made", "exports": "one row per sheet", "filling": "checks what was filled in",
        "pages": "HTML views of who makes surveys",
    },
}  # fmt: skip
LONGEST_FILE = 500
LONGEST_FUNCTION = 60
INLINE = re.compile(r"\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|<style\b", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b[^>]*>", re.IGNORECASE)


def test_every_module_stands_in_a_known_room():
    strange = [
        path.as_posix()
        for path in python_files(tests=True)
        if path.parts[0] not in ("core", "livechat") and room_of(path) not in ROOMS | set(NOUNS.get(path.parts[0], ()))
    ]
    assert strange == []


def test_every_noun_is_a_file_and_says_what_it_is():
    gone = [
        f"{app}/{noun}"
        for app, nouns in NOUNS.items()
        for noun, reason in nouns.items()
        if not reason or not ((ROOT / app / f"{noun}.py").exists() or (ROOT / app / noun).is_dir())
    ]
    assert gone == []


def test_every_module_begins_with_one_sentence():
    silent = [
        path.as_posix()
        for path in python_files()
        if (ROOT / path).read_text().strip() and not (ast.get_docstring(tree_of(path)) or "").strip()
    ]
    assert silent == []


def test_files_and_functions_stay_small():
    long_files = [
        path.as_posix() for path in python_files() if len((ROOT / path).read_text().splitlines()) > LONGEST_FILE
    ]
    assert long_files == []
    long_functions = [
        f"{path.as_posix()}: {node.name}"
        for path in python_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno > LONGEST_FUNCTION
    ]
    assert long_functions == []


# where a string is declared safe for a page: what people write, and what we wrote ourselves
MADE_SAFE = {
    "core/text/__init__.py": "cleaned by nh3, or escaped",
    "chat/templatetags/rows.py": "its words are escaped one by one, the rest are our own constants",
    "core/importmap.py": "JSON of our own modules, with < escaped",
    "forum/templatetags/forum.py": "HTML of core.text as it was stored, and JSON with every sign of HTML escaped",
}
SAFE = ("mark_safe", "SafeString", "SafeText")


def test_nothing_is_printed_and_no_text_is_marked_safe():
    found, made = [], set()
    for path in python_files():
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
            is_empty = bool(node.args) and isinstance(node.args[0], ast.Constant) and not node.args[0].value
            if called == "print" and isinstance(node.func, ast.Name):
                found.append(f"{path.as_posix()}:{node.lineno} print")
            elif called in SAFE and not is_empty:
                made.add(path.as_posix())
            elif called == "mark_safe" or (called == "cast" and "SafeString" in ast.unparse(node.args[0])):
                found.append(f"{path.as_posix()}:{node.lineno} {called}")
    assert found == []
    assert made == set(MADE_SAFE), "user text is rendered by core.text only (SAFETY: chat / forum text)"


READS_HTML = {"notifications/incoming/pages.py"}  # makes plain text of a mail that is HTML only


def test_no_module_makes_its_own_html_of_a_text():
    """The libraries of the renderer, and methods that tell a template not to escape, stand in core/text only."""
    found = []
    for path in python_files():
        inside = path.as_posix().startswith("core/text/") or path.as_posix() in READS_HTML
        for node in ast.walk(tree_of(path)):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if not inside and any(
                name.partition(".")[0] in ("markdown_it", "nh3", "markdown", "bleach") for name in names
            ):
                found.append(f"{path.as_posix()}:{node.lineno}")
            if isinstance(node, ast.FunctionDef) and node.name == "__html__":
                found.append(f"{path.as_posix()}:{node.lineno} __html__")
    assert found == []


def test_templates_hold_no_style_script_handler_or_safe():
    found = []
    for path, text in templates():
        mail = "/mail/" in path
        if "|safe" in text or "{% autoescape off" in text and not path.endswith(".txt"):
            found.append(f"{path}: safe")
        if not mail and (match := INLINE.search(text)):
            found.append(f"{path}: {match.group().strip()}")
        for tag in SCRIPT.findall(text):
            if "src=" not in tag and 'type="importmap"' not in tag:
                found.append(f"{path}: {tag}")
            elif "nonce=" not in tag and "/widget/{{ key }}.js" not in tag:
                found.append(f"{path}: no nonce in {tag}")
    assert found == []


def test_templates_speak_through_translations():
    bare = re.compile(r">\s*([A-Z][a-z]+ [a-z]+ [a-z]+[^<>{}]*)<")
    found = []
    for path, text in templates():
        if path.startswith("templates/demo/"):  # a customer's own page, not ours
            continue
        text = re.sub(
            r"{%\s*blocktrans.*?{%\s*endblocktrans\w*\s*%}|{#.*?#}|{%\s*comment.*?endcomment\s*%}", "", text, flags=re.S
        )
        found += [f"{path}: {match}" for match in bare.findall(text)]
    assert found == []
