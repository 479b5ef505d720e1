# ruff: noqa: E501  a table of cases, one a line
"""Awkward mails, made here: what programs, lists, phones and bad people send."""

import base64
import quopri
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from notifications.inbound import reply_address

KEY = "2f0d3c58-6f3f-4d0c-9a35-0a4cc38e7a11"


def to_thread() -> str:
    """The address of one thread."""
    return reply_address("request", KEY)


def mail(body: str | bytes = "Hello there.\n", *, charset: str = "utf-8", **headers: str) -> bytes:
    """A mail with usual headers; `headers` (with _ for -) come instead of them, "" leaves one out."""
    given = {
        "From": "Ada Example <ada@example.org>",
        "To": settings.SUPPORT_EMAIL,
        "Subject": "A question",
        "Message-ID": "<1@example.org>",
        "Date": "Mon, 23 Nov 2026 10:00:00 +0000",
        "Content-Type": f"text/plain; charset={charset}",
    }
    for name, value in headers.items():
        given[name.replace("_", "-")] = value
    head = "".join(f"{name}: {value}\n" for name, value in given.items() if value)
    raw = body.encode(charset) if isinstance(body, str) else body
    return head.encode("utf-8", "surrogateescape") + b"\n" + raw


def parts(*inside: str | bytes, kind: str = "mixed", **headers: str) -> bytes:
    """A multipart mail of parts that are written as they stand."""
    bodies = [part.encode() if isinstance(part, str) else part for part in inside]
    body = b"".join(b"--b1\n" + part + b"\n" for part in bodies) + b"--b1--\n"
    return mail(body, Content_Type=f'multipart/{kind}; boundary="b1"', **headers)


def file_part(
    data: bytes, name: str = 'filename="bill.pdf"', kind: str = "application/pdf", how: str = "attachment"
) -> str:
    """A part with a file in base64."""
    coded = base64.encodebytes(data).decode()
    return f"Content-Type: {kind}\nContent-Disposition: {how}; {name}\nContent-Transfer-Encoding: base64\n\n{coded}"


@dataclass
class Case:
    """One mail and what must come out of it; what is not named is not looked at."""

    name: str
    raw: bytes
    expected: dict[str, Any] = field(default_factory=dict)


PLAIN = "Content-Type: text/plain\n\nHello there.\n"
PAGE = "Content-Type: text/html\n\n<p>Hello <b>page</b>.</p>\n"
QUOTE = "> We wrote this.\n> And this.\n"
QP = quopri.encodestring("Grüße aus Köln = schön".encode()).decode()


def cases() -> list[Case]:
    """Every awkward mail."""
    return [*_charsets(), *_headers(), *_structures(), *_pages(), *_quotes(), *_signatures(), *_machines(), *_costly()]


def _charsets() -> list[Case]:
    polish, japanese, russian = "Zażółć gęślą jaźń", "こんにちは", "Привет"
    return [
        Case("utf-8", mail("Grüße"), {"text": "Grüße"}),
        Case("latin-1 said", mail("Grüße", charset="iso-8859-1"), {"text": "Grüße"}),
        Case("windows-1252 said as latin-1", mail(b"\x93Hi\x94", charset="iso-8859-1"), {"text": "“Hi”"}),
        Case("utf-8 said as us-ascii", mail("Grüße".encode(), charset="us-ascii"), {"text": "Grüße"}),
        Case("latin-1 said as utf-8", mail("Grüße".encode("latin-1")), {"text": "Grüße"}),
        Case("iso-8859-2", mail(polish, charset="iso-8859-2"), {"text": polish}),
        Case("koi8-r", mail(russian, charset="koi8-r"), {"text": russian}),
        Case("iso-2022-jp", mail(japanese, charset="iso-2022-jp"), {"text": japanese}),
        Case("shift_jis", mail(japanese, charset="shift_jis"), {"text": japanese}),
        Case("utf-16", mail(base64.encodebytes("Hi ü".encode("utf-16")), charset="utf-16", Content_Transfer_Encoding="base64"), {"text": "Hi ü"}),
        Case("unknown charset", mail("Grüße".encode(), Content_Type="text/plain; charset=martian"), {"text": "Grüße"}),
        Case("a decoder that is no charset", mail(b"Hello", Content_Type="text/plain; charset=punycode"), {"text": "Hello"}),
        Case("a decoder that unpacks", mail(b"Hello", Content_Type="text/plain; charset=zlib_codec"), {"text": "Hello"}),
        Case("charset with quotes and rest", mail("ü".encode(), Content_Type="text/plain; charset=\"utf-8\"; x=;"), {"text": "ü"}),
        Case("quoted-printable", mail(QP, Content_Transfer_Encoding="quoted-printable"), {"text": "Grüße aus Köln = schön"}),
        Case("broken quoted-printable", mail("a =ZZ b =\n", Content_Transfer_Encoding="quoted-printable"), {"text": "a =ZZ b"}),
        Case("broken base64", mail("SGVsbG8gd29ybGQ*!!", Content_Transfer_Encoding="base64"), {}),
        Case("unknown transfer encoding", mail("Hello", Content_Transfer_Encoding="rot13"), {"text": "Hello"}),
        Case("uuencode", mail("begin 644 x\n%:&5L;&\\`\n`\nend\n", Content_Transfer_Encoding="x-uuencode"), {}),
        Case("NUL, escape and turned direction", mail("a\x00b\x1b[31m \u202ec\r\nd"), {"text": "ab[31m c\nd"}),
        Case("half of a surrogate pair", mail(b"a\xed\xa0\x80b"), {}),
        Case("no content type", mail("Hello", Content_Type=""), {"text": "Hello"}),
        Case("content type in words", mail("Hello", Content_Type="text"), {"text": "Hello"}),
    ]  # fmt: skip


def _headers() -> list[Case]:
    long_name = "=?utf-8?b?" + base64.b64encode("Zoë Müller".encode()).decode() + "?="
    return [
        Case("encoded name", mail(From=f"{long_name} <zoe@example.org>"), {"sender_name": "Zoë Müller", "sender": "zoe@example.org"}),
        Case("encoded subject in two words", mail(Subject="=?utf-8?q?Gr=C3=BC?= =?utf-8?q?=C3=9Fe?="), {"subject": "Grüße"}),
        Case("word with an unknown charset", mail(Subject="=?martian?q?Hi=21?="), {"subject": "Hi!"}),
        Case("broken encoded word", mail(Subject="=?utf-8?b?!!!?= x"), {}),
        Case("raw bytes in a header", mail(Subject="Gr\udcc3\udcbc\udcc3\udc9fe"), {"subject": "Grüße"}),
        Case("folded subject", mail(Subject="One\n two\n\tthree"), {"subject": "One two three"}),
        Case("line break in an encoded word", mail(Subject="=?utf-8?q?a=0D=0ABcc:_x=40y.example?="), {"subject": "a Bcc: x@y.example"}),
        Case("line break in an encoded name", mail(From="=?utf-8?q?a=0D=0ABcc=3A_b?= <ada@example.org>"), {"sender_name": "a Bcc: b"}),
        Case("name that is an address", mail(From='"boss@bank.example" <ada@example.org>'), {"sender": "ada@example.org", "sender_name": "boss@bank.example"}),
        Case("two addresses in From", mail(From="a@example.org, b@example.org"), {"sender": "a@example.org"}),
        Case("two From headers", b"From: a@example.org\nFrom: b@example.org\nSubject: x\n\nHi", {"sender": "a@example.org"}),
        Case("From in capitals", mail(From="ADA@EXAMPLE.ORG"), {"sender": "ada@example.org", "sender_name": ""}),
        Case("Sender where From is empty", mail(From=";", Sender="ada@example.org"), {"sender": "ada@example.org"}),
        Case("no subject", mail(Subject=""), {"subject": ""}),
        Case("endless subject", mail(Subject="x" * 100_000), {"subject": "x" * 200}),
        Case("no Message-ID", mail(Message_ID=""), {"message_id": ""}),
        Case("Message-ID in words", mail(Message_ID="none of your business"), {"message_id": ""}),
        Case("Message-ID with a line break", mail(Message_ID="<a\n b@example.org>"), {"message_id": ""}),
        Case("many references", mail(References=" ".join(f"<{n}@example.org>" for n in range(200))), {"last_reference": "<199@example.org>"}),
        Case("token in To", mail(To=to_thread()), {"has_token": True}),
        Case("token in capitals", mail(To=to_thread().upper()), {"has_token": True}),
        Case("token in Cc beside others", mail(To="x@example.org", Cc=f"Y <y@example.org>, Us <{to_thread()}>"), {"has_token": True}),
        Case("token in Delivered-To", mail(To="list@example.org", Delivered_To=to_thread()), {"has_token": True}),
        Case("forged token", mail(To=to_thread().replace("+request-", "+request-a")), {"has_token": False}),
        Case("token of another kind under the same words", mail(To=to_thread().replace("+request-", "+account-")), {"has_token": False}),
        Case("mbox line first", b"From ada@example.org Mon Nov 23\n" + mail("Hi"), {"text": "Hi"}),
        Case("CRLF", mail("Hi\nthere").replace(b"\n", b"\r\n"), {"text": "Hi\nthere"}),
        Case("bare CR in the body", mail("Hi\rthere"), {"text": "Hi\nthere"}),
        Case("header without colon", b"From: a@example.org\nwhat is this\nSubject: x\n\nHi", {"sender": "a@example.org"}),
    ]  # fmt: skip


def _structures() -> list[Case]:
    pdf = b"%PDF-1.4 x %%EOF"
    inner = mail("Inner words", Subject="Inner").decode()
    deep = "Content-Type: text/plain\n\nDeep.\n"
    for level in range(15):
        deep = f'Content-Type: multipart/mixed; boundary="d{level}"\n\n--d{level}\n{deep}\n--d{level}--\n'
    rfc2231 = "filename*0*=utf-8''R%C3%A9s; filename*1*=um%C3%A9.pdf"
    related = f'Content-Type: multipart/related; boundary="r"\n\n--r\n{PAGE}\n--r\nContent-Type: image/png\nContent-ID: <a>\nContent-Transfer-Encoding: base64\n\n{base64.b64encode(b"x" * 500).decode()}\n--r--\n'
    return [
        Case("alternative: plain wins", parts(PLAIN, PAGE, kind="alternative"), {"text": "Hello there."}),
        Case("alternative: empty plain", parts("Content-Type: text/plain\n\n \n", PAGE, kind="alternative"), {"text": "Hello page."}),
        Case("alternative in related with a logo", parts(PLAIN, related, kind="alternative"), {"text": "Hello there.", "files": []}),
        Case("page with a logo only", parts(related), {"text": "Hello page.", "files": []}),
        Case("file", parts(PLAIN, file_part(pdf)), {"text": "Hello there.", "files": ["bill.pdf"]}),
        Case("file without a name", parts(PLAIN, file_part(pdf, "x=y")), {"files": ["file.pdf"]}),
        Case("name over two lines (RFC 2231)", parts(PLAIN, file_part(pdf, rfc2231)), {"files": ["Résumé.pdf"]}),
        Case("encoded name (RFC 2047)", parts(PLAIN, file_part(pdf, 'filename="=?utf-8?q?R=C3=A9sum=C3=A9.pdf?="')), {"files": ["Résumé.pdf"]}),
        Case("name with folders", parts(PLAIN, file_part(pdf, 'filename="../../etc/passwd"')), {"files": ["passwd"]}),
        Case("name with a Windows folder", parts(PLAIN, file_part(pdf, r'filename="C:\\temp\\a.pdf"')), {"files": ["a.pdf"]}),
        Case("name with turned direction and break", parts(PLAIN, file_part(pdf, "filename*=utf-8''a%E2%80%AEfdp%0D%0A.exe")), {"files": ["afdp .exe"]}),
        Case("endless name", parts(PLAIN, file_part(pdf, f'filename="{"x" * 5000}.pdf"')), {}),
        Case("text file", parts(PLAIN, "Content-Type: text/plain; name=log.txt\nContent-Disposition: attachment\n\nlog\n"), {"text": "Hello there.", "files": ["log.txt"]}),
        Case("empty file", parts(PLAIN, file_part(b"")), {"files": []}),
        Case("a mail inside", parts(PLAIN, f"Content-Type: message/rfc822\n\n{inner}"), {"text": "Hello there.", "files": ["file.eml"]}),
        Case("meeting", parts(PLAIN, "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n", kind="alternative"), {"text": "Hello there.", "files": ["file.ics"]}),
        Case("signed with PGP", parts(PLAIN, 'Content-Type: application/pgp-signature; name="signature.asc"\n\nx\n', kind="signed"), {"text": "Hello there.", "files": []}),
        Case("deep nesting", parts(deep), {"text": "Deep."}),
        Case("boundary never closes", parts(PLAIN)[:-7], {"text": "Hello there."}),
        Case("boundary never comes", mail("no boundary here", Content_Type='multipart/mixed; boundary="zz"'), {}),
        Case("multipart without boundary", mail("Hello", Content_Type="multipart/mixed"), {}),
        Case("two texts", parts(PLAIN, "Content-Type: text/plain\n\nMore.\n"), {"text": "Hello there.\n\nMore."}),
        Case("twelve files", parts(PLAIN, *[file_part(pdf, f'filename="{n}.pdf"') for n in range(12)]), {"left_out": 2}),
        Case("too large a file", parts(PLAIN, file_part(b"x" * (int(settings.LARGEST_FILE) + 1))), {"files": [], "left_out": 1}),
        Case("no body", mail(""), {"text": ""}),
        Case("headers only", b"From: ada@example.org", {"text": "", "sender": "ada@example.org"}),
    ]  # fmt: skip


def page(html: str) -> bytes:
    """An HTML mail."""
    return mail(html, Content_Type="text/html; charset=utf-8")


def _pages() -> list[Case]:
    return [
        Case("script and style", page("<style>p{}</style><script>alert(1)</script><p>Hi</p>"), {"text": "Hi"}),
        Case("blocks and list", page("<div>One</div><div>Two</div><ul><li>a</li><li>b</li></ul>"), {"text": "One\nTwo\n\n- a\n- b"}),
        Case("link with words", page('<p>See <a href="https://x.example/a">our page</a>.</p>'), {"text": "See our page (https://x.example/a)."}),
        Case("link that is its own words", page('<a href="https://x.example/">https://x.example</a>'), {"text": "https://x.example"}),
        Case("script link", page('<a href="javascript:alert(1)">Hi</a>'), {"text": "Hi"}),
        Case("entities", page("&lt;b&gt; &amp;nbsp;&nbsp;&euro;"), {"text": "<b> &nbsp; €"}),
        Case("never closed", page("<div><b>Hi <i>there"), {"text": "Hi there"}),
        Case("tracking picture", page('Hi<img src="https://t.example/p.gif?id=1" alt="x">'), {"text": "Hi"}),
        Case("comments and conditionals", page("<!--[if mso]>Office<![endif]-->Hi<!-- x -->"), {"text": "Hi"}),
        Case("preformatted", page("<pre>a\n  b</pre>"), {"text": "a\n  b"}),
        Case("Gmail's quote", page('<div>Yes.</div><div class="gmail_quote"><div class="gmail_attr">On Mon, 23 Nov 2026 Support &lt;s@x.example&gt; wrote:<br></div><blockquote>Is it?</blockquote></div>'), {"text": "Yes."}),
        Case("Apple's quote", page('<div>Yes.</div><blockquote type="cite"><div>On 23 Nov 2026, at 10:00, Support wrote:</div>Is it?</blockquote>'), {"text": "Yes."}),
        Case("Outlook's quote", page("<p>Yes.</p><div><b>From:</b> Support &lt;s@x.example&gt;<br><b>Sent:</b> Monday<br><b>To:</b> Ada<br><b>Subject:</b> Re: x</div><p>Is it?</p>"), {"text": "Yes."}),
        Case("only a quote", page("<blockquote>Is it?</blockquote>"), {"text": "> Is it?"}),
    ]  # fmt: skip


def _quotes() -> list[Case]:
    wrote = [
        "On Mon, Nov 23, 2026 at 10:00 AM Support <s@x.example> wrote:",
        "On Mon, Nov 23, 2026 at 10:00 AM\nSupport <s@x.example>\nwrote:",
        "Am 23.11.2026 um 10:00 schrieb Support <s@x.example>:",
        "Am Mo., 23. Nov. 2026 um 10:00 Uhr schrieb Support <\ns@x.example>:",
        "Le lun. 23 nov. 2026 à 10:00, Support <s@x.example> a écrit :",
        "El lun, 23 nov 2026 a las 10:00, Support (<s@x.example>) escribió:",
        "pon., 23 lis 2026 o 10:00 Support <s@x.example> napisał(a):",
        "W dniu 23.11.2026 o 10:00, Support pisze:",
        "Il giorno lun 23 nov 2026 alle ore 10:00 Support <s@x.example> ha scritto:",
    ]
    dividers = [
        "-----Original Message-----", "-----Ursprüngliche Nachricht-----", "-----Message d'origine-----",
        "-----Mensaje original-----", "-----Wiadomość oryginalna-----", "-----Messaggio originale-----",
    ]  # fmt: skip
    blocks = [
        "From: Support\nSent: Monday\nTo: Ada\nSubject: x",
        "Von: Support\nGesendet: Montag\nAn: Ada\nBetreff: x",
        "De : Support\nEnvoyé : lundi\nÀ : Ada\nObjet : x",
        "De: Support\nEnviado: lunes\nPara: Ada\nAsunto: x",
        "Od: Support\nWysłano: poniedziałek\nDo: Ada\nTemat: x",
        "Da: Support\nInviato: lunedì\nA: Ada\nOggetto: x",
    ]
    found = [
        Case(f"wrote {n}", mail(f"Yes, it is.\n\n{line}\n{QUOTE}"), {"text": "Yes, it is."})
        for n, line in enumerate(wrote)
    ]
    found += [
        Case(f"divider {n}", mail(f"Yes.\n\n{line}\nFrom: S\nIs it?"), {"text": "Yes."})
        for n, line in enumerate(dividers)
    ]
    found += [
        Case(f"block {n}", mail(f"Yes.\n\n{block}\n\nIs it?"), {"text": "Yes."}) for n, block in enumerate(blocks)
    ]
    return [
        *found,
        Case("our own mark", mail("Yes.\n\nSomebody, some day:\n> =====>8===== Write above this line\n> more"), {"text": "Yes.\n\nSomebody, some day:"}),
        Case("our own mark under a quote line", mail(f"Yes.\n\n{wrote[0]}\n\n> =====>8===== x\n> more"), {"text": "Yes."}),
        Case("answer below the quote", mail(f"{wrote[0]}\n{QUOTE}\nYes, below.\n"), {"text": "Yes, below."}),
        Case("answers between", mail(f"{wrote[0]}\n> One?\nYes.\n> Two?\nNo.\n"), {"has": ["> One?", "Yes.", "> Two?", "No."]}),
        Case("trailing quote without announcement", mail(f"Yes.\n\n{QUOTE}"), {"text": "Yes."}),
        Case("only a quote", mail(QUOTE), {"text": QUOTE.strip()}),
        Case("a person who wrote: about writing", mail("My colleague wrote:\nplease help.\n"), {"text": "My colleague wrote:\nplease help."}),
        Case("a line From: in words", mail("From: what I know it works.\nThanks"), {"text": "From: what I know it works.\nThanks"}),
        Case("flowed", mail("This is one \nline.\n", Content_Type="text/plain; format=flowed"), {"text": "This is one line."}),
        Case("flowed with DelSp", mail("This is o \nne line.\n", Content_Type="text/plain; format=flowed; delsp=yes"), {"text": "This is one line."}),
    ]  # fmt: skip


def _signatures() -> list[Case]:
    phones = [
        "Sent from my iPhone", "Von meinem iPhone gesendet", "Envoyé de mon iPhone", "Enviado desde mi iPhone",
        "Wysłane z mojego iPhone'a", "Inviato da iPhone", "Get Outlook for iOS",
    ]  # fmt: skip
    return [
        *[Case(f"phone: {line}", mail(f"Yes.\n\n{line}\n"), {"text": "Yes."}) for line in phones],
        Case("signature", mail("Yes.\n\n-- \nAda Example\n+1 555\n"), {"text": "Yes."}),
        Case("signature only", mail("-- \nAda Example\n"), {"text": "-- \nAda Example".replace("-- ", "--")}),
        Case("two dashes far above", mail("-- \n" + "line\n" * 40), {}),
    ]


def _machines() -> list[Case]:
    yes = {"is_automatic": True}
    reply = {"is_automatic": True, "is_auto_reply": True}
    sent = {"is_automatic": True, "is_auto_reply": False}
    return [
        Case("a person", mail(Auto_Submitted="no"), {"is_automatic": False}),
        Case("auto-replied", mail(Auto_Submitted="auto-replied"), reply),
        Case("auto-generated with a comment", mail(Auto_Submitted="Auto-Generated (vacation); x=y"), sent),
        Case("bulk", mail(Precedence="bulk"), sent),
        Case("junk", mail(Precedence="Junk"), yes),
        Case("list", mail(List_Id="<a.example.org>"), sent),
        Case("newsletter", mail(List_Unsubscribe="<https://x.example>"), sent),
        Case("suppress all", mail(X_Auto_Response_Suppress="DR, OOF, AutoReply"), sent),
        Case("Outlook's person", mail(X_Auto_Response_Suppress="DR, RN, NRN"), {"is_automatic": False}),
        Case("null path", mail(Return_Path="<>"), reply),
        Case("bounce", parts(PLAIN, "Content-Type: message/delivery-status\n\nStatus: 5.1.1\n", kind="report"), reply),
        Case("mailer daemon", mail(From="MAILER-DAEMON@example.org"), reply),
        Case("no-reply", mail(From="no-reply+7@example.org"), sent),
        Case("noreply is in the name only", mail(From="noreplyhere@example.org"), {"is_automatic": False}),
        Case("out of office", mail(Subject="Out of Office: back in May"), reply),
        Case("Abwesenheit", mail(Subject="Abwesenheitsnotiz: Re: x"), reply),
        Case("réponse automatique", mail(Subject="Réponse automatique : x"), reply),
        Case("X-Autoreply", mail(X_Autoreply="yes"), reply),
        Case("ours", mail(From=f"livechat <{settings.SUPPORT_EMAIL}>"), {"is_own": True}),
        Case("our Message-ID", mail(Message_ID=f"<12.{'a' * 24}@{settings.PUBLIC_HOST}>"), {"is_own": True}),
        Case("a neighbour's Message-ID", mail(Message_ID=f"<hello@{settings.PUBLIC_HOST}>"), {"is_own": False}),
    ]  # fmt: skip


def _costly() -> list[Case]:
    """What takes parsers long; each must come back within two seconds."""
    return [
        Case("empty lines", mail("\n" * 200_000 + "x")),
        Case("quote signs", mail("> " * 200_000)),
        Case("one endless line", mail("On " * 200_000 + " wrote:")),
        Case("many announcements", mail("On 1 Nov 2026 a@b.example wrote:\n" * 20_000)),
        Case("many From:", mail("From: a\n" * 50_000)),
        Case("many dashes", mail("-" * 500_000)),
        Case("open tags", page("<div>" * 100_000)),
        Case("open bold", page("<b>" * 20_000 + "x")),
        Case("open links", page('<a href="https://x.example">' * 20_000)),
        Case("open quotes", page("<blockquote>" * 20_000 + "Hi")),
        Case("less-than signs", page("<" * 400_000)),
        Case("open comment", page("<!--" * 100_000)),
        Case("half tags", page("<a " * 100_000)),
        Case("nested comments in From", mail(From="(" * 50_000 + "ada@example.org")),
        Case("many addresses", mail(To=", ".join(f"a{n}@example.org" for n in range(20_000)))),
        Case("quotes in To", mail(To='"' * 50_000)),
        Case("many headers", b"From: a@example.org\n" + b"X: y\n" * 100_000 + b"\nHi"),
        Case("encoded words", mail(Subject="=?utf-8?q?a?= " * 20_000)),
        Case("many parts", parts(*[PLAIN] * 5_000)),
        Case("deepest nesting", mail("".join(f"Content-Type: multipart/mixed; boundary=x{n}\n\n--x{n}\n" for n in range(3_000)), Content_Type="multipart/mixed; boundary=y")),
        Case("parameters", mail("x", Content_Type="text/plain; " + "a*0*=x; " * 5_000)),
        Case("not a mail", bytes(range(256)) * 1000),
    ]  # fmt: skip
