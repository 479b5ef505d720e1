"""The policy, the promises, and the pages about a person's data."""

from tests.looks.look import Look

PRIVACY: list[Look] = [
    Look("policy", "/policy/diff/1/2/", "policy"),
    Look("policy-read", "/policy/"),
    Look("policy-checks", "/policy/versions/2/checks/"),
    Look("promises", "/promises/", "promises", rows=".promise"),
    Look("data-map", "/privacy/data/", rows="tbody tr"),
]  # fmt: skip
