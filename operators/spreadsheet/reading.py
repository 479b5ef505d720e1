"""From uploaded bytes to people: the gate here, everything that parses in the sandbox's child."""

from dataclasses import dataclass

from core import sandbox
from operators.spreadsheet.container import Container, FileProblem, check_kind
from operators.spreadsheet.sentences import ImportProblem, problem_of

JOB = "operators.spreadsheet.rows:read_people"
FAILURES = {"time": "too_large", "memory": "too_large"}  # it holds more than can be read within the limits


@dataclass(frozen=True)
class Person:
    """One row as it stands in the file. `row` is the number that Excel shows; `formula`: a cell calculates."""

    row: int
    name: str
    email: str
    formula: bool = False


@dataclass(frozen=True)
class People:
    """What a file holds; `header` is the Excel row of the headings, 0 for a file without any."""

    rows: tuple[Person, ...]
    header: int


def read_spreadsheet(data: bytes, name: str = "") -> People:
    """The people of an .xlsx, at most 100. Raises ImportProblem with the code and the sentence for everything else.

    `name` is what the file was called; it only helps to tell a .csv from other text.
    """
    try:
        check_kind(data, name)
        container = Container(data)
        sheet = container.find_sheet()
        container.check_sizes(sheet)
        container.look_for_many_rows(sheet)
    except FileProblem as problem:
        raise problem_of(problem) from None
    try:
        found = sandbox.run(JOB, data)
    except sandbox.SandboxFailure as failure:
        raise ImportProblem(FAILURES.get(failure.kind, "corrupt")) from None
    if "problem" in found:
        raise ImportProblem(found["problem"], found["fact"])
    return People(tuple(Person(**row) for row in found["rows"]), int(found["header"]))
