"""What a mistyped address probably meant ("did you mean"), by rule, without asking anybody."""

import re
from collections import Counter
from collections.abc import Iterable

KNOWN = (
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "proton.me",
    "gmx.de", "gmx.net", "web.de", "t-online.de", "orange.fr", "wanadoo.fr", "libero.it", "wp.pl", "onet.pl", "o2.pl",
    "interia.pl", "mail.ru", "yandex.ru", "seznam.cz",
)  # fmt: skip
TYPOS = {
    "con": "com",
    "cmo": "com",
    "comm": "com",
    "ocm": "com",
    "vom": "com",
    "cm": "com",
    "nett": "net",
    "ogr": "org",
}
AT = re.compile(r"\s*(?:\(at\)|\[at\]|\{at\}|\s+at\s+|＠)\s*", re.IGNORECASE)
DOT = re.compile(r"\s*(?:\(dot\)|\[dot\]|\s+dot\s+)\s*", re.IGNORECASE)
LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+")
DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{1,62}")


def common_domains(emails: Iterable[str], own: str = "") -> list[str]:
    """The domains of a list of addresses, most frequent first, with the company's own website at their head."""
    counts = Counter(email.rpartition("@")[2].lower() for email in emails if DOMAIN.fullmatch(email.rpartition("@")[2]))
    found = [domain for domain, _count in counts.most_common(20)]
    return list(dict.fromkeys([*([own] if own else []), *found, *KNOWN]))


def suggest_address(typed: str, domains: Iterable[str]) -> str:
    """The address that was probably meant, "" where that is not clear."""
    text = typed.strip()
    if inside := re.search(r"<([^<>\s]+@[^<>\s]+)>", text):
        text = inside.group(1)
    text = re.sub(r"^mailto:", "", text, flags=re.IGNORECASE)
    text = DOT.sub(".", AT.sub("@", text))
    text = re.sub(r"@+", "@", re.sub(r"\s+", "", text))
    text = re.sub(r"\.{2,}", ".", text.strip(".,;:<>()[]\"'")).replace(".@", "@").replace("@.", "@")
    local, at, domain = text.rpartition("@")
    if not at or text.count("@") > 1 or not LOCAL.fullmatch(local):
        return ""
    domain = _fix_domain(domain.lower().replace(",", "."), list(domains))
    found = f"{local.strip('.')}@{domain}"
    return found if domain and DOMAIN.fullmatch(domain) and found != typed.strip() else ""


def _fix_domain(domain: str, domains: list[str]) -> str:
    """A domain with its ending: completed from the known ones, or with a slip of the fingers undone."""
    name, dot, ending = domain.rpartition(".")
    if dot and ending in TYPOS:
        return f"{name}.{TYPOS[ending]}"
    if dot:
        return domain
    begun = [known for known in domains if known.split(".")[0] == domain or known.replace(".", "") == domain]
    return begun[0] if begun else ""
