import os
import time
import zipfile
from pathlib import Path

import pytest

from core import sandbox
from operators.spreadsheet import words
from operators.spreadsheet.headers import read_header, word_of
from operators.spreadsheet.reading import JOB, read_spreadsheet
from operators.spreadsheet.sentences import CODES, SENTENCES, ImportProblem
from operators.suggestions import common_domains, suggest_address
from operators.tests.corpus import CASES, Case, Good
from operators.tests.sheets import staff

SECONDS, MEGABYTES = 5, 200
FILE_CODES = {
    "empty_file", "not_a_spreadsheet", "unsupported_format", "encrypted", "corrupt", "too_large", "unsafe_content",
    "too_many_rows", "missing_email_column", "ambiguous_header", "no_rows",
}  # fmt: skip


def peak_of_this_process() -> int:
    """Megabytes that this process had resident at most since `forget_peak`."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024
    return 0


def forget_peak() -> int:
    Path("/proc/self/clear_refs").write_text("5")
    return peak_of_this_process()


@pytest.mark.once
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_or_odd_file_gets_its_verdict_in_time(case: Case) -> None:
    data = case.make()
    sandbox.warm(JOB.split(":")[0])
    before, began = forget_peak(), time.monotonic()
    try:
        found = read_spreadsheet(data, case.file_name)
    except ImportProblem as problem:
        verdict: object = problem.code
        assert problem.code == case.verdict, f"{problem.code}: {problem.message}"
        assert case.says in str(problem.message)
    else:
        verdict = found
        assert isinstance(case.verdict, Good), found
        assert (len(found.rows), found.header) == (case.verdict.rows, case.verdict.header)
        assert sum(row.formula for row in found.rows) == case.verdict.formulas
        if case.verdict.first:
            assert (found.rows[0].name, found.rows[0].email) == case.verdict.first
    assert time.monotonic() - began < SECONDS, verdict
    assert peak_of_this_process() - before < MEGABYTES


def test_the_corpus_is_large_and_has_every_code() -> None:
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)
    assert {case.verdict for case in CASES if isinstance(case.verdict, str)} == FILE_CODES == CODES


def test_every_sentence_is_one_without_a_path() -> None:
    for (code, _fact), sentence in SENTENCES.items():
        text = str(sentence)
        assert text.endswith(".") and text[0].isupper(), code
        assert "/" not in text and "Error" not in text and "Traceback" not in text


def test_the_child_stays_below_its_megabytes() -> None:
    sandbox.warm(JOB.split(":")[0])
    found, peak = sandbox.run_measured(JOB, staff(100))
    assert len(found["rows"]) == 100
    assert peak < MEGABYTES


@pytest.mark.parametrize("language", sorted(words.EMAIL))
def test_every_language_has_words_for_its_columns(language: str) -> None:
    full, email = words.FULL[language][0], words.EMAIL[language][0]
    assert read_header([full.upper(), f" {email} *"], 1).names == (0,)
    given, family = words.GIVEN[language][0], words.FAMILY[language][0]
    if word_of(given) != word_of(family):
        assert read_header([email, family, given], 1).names == (2, 1)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("fay@acme-bikes", "fay@acme-bikes.example"), ("fay@gmail", "fay@gmail.com"),
        ("fay@gmail,com", "fay@gmail.com"),
        ("fay @acme-bikes.example", "fay@acme-bikes.example"), ("fay@acme-bikes.example.", "fay@acme-bikes.example"),
        ("fay@@acme-bikes.example", "fay@acme-bikes.example"), ("fay(at)acme-bikes.example", "fay@acme-bikes.example"),
        ("mailto:fay@acme-bikes.example", "fay@acme-bikes.example"),
        ("Fay <fay@acme-bikes.example>", "fay@acme-bikes.example"), ("fay@other.con", "fay@other.com"),
        ("fay@acme-bikes..example", "fay@acme-bikes.example"), ("fay", ""), ("@", ""), ("a@b@c", ""),
        ("fay@acme-bikes.example; ben@acme-bikes.example", ""), ("fay@unknown", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_slip_is_understood_where_it_is_clear(typed: str, meant: str) -> None:
    domains = common_domains(["ann@acme-bikes.example", "ben@acme-bikes.example"], "acme-bikes.example")
    assert suggest_address(typed, domains) == meant


def test_reading_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = set(os.listdir("/tmp"))  # noqa: S108  it is looked at, not used
    read_spreadsheet(staff(5))
    assert list(tmp_path.iterdir()) == []
    fresh = {name for name in set(os.listdir("/tmp")) - before if name.endswith((".xlsx", ".zip"))}  # noqa: S108
    assert fresh == set()


def test_the_corpus_files_of_libreoffice_say_so() -> None:
    data = Path(__file__).parent / "data"
    for name in ("libreoffice-staff.xlsx", "libreoffice-styled.xlsx"):
        with zipfile.ZipFile(data / name) as archive:
            assert b"LibreOffice" in archive.read("docProps/app.xml")


def test_the_manual_lists_every_word_and_every_code() -> None:
    manual = (Path(__file__).parents[2] / "docs/importing.md").read_text(encoding="utf-8")
    for table in (words.EMAIL, words.FULL, words.GIVEN, words.FAMILY):
        for language, found in table.items():
            assert f"| {language} | {', '.join(found)} |" in manual
    assert [code for code in FILE_CODES if f"`{code}`" not in manual] == []
