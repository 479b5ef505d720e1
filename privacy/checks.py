"""System check: every field that can hold a person's data is declared, in our tables and in others' (P2)."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.core.checks import Error, register
from django.db import models

from core.outbound import registry as outbound
from core.personal_data import PersonalModel, Purpose, registry

TEXT_LIKE = (
    models.CharField,
    models.TextField,
    models.GenericIPAddressField,
    models.FileField,
    models.JSONField,
    models.BinaryField,
)  # EmailField, URLField, SlugField and FilePathField are CharFields

PURPOSES = frozenset(
    {
        "account", "service", "chat", "summary", "invitation", "support", "rights", "survey", "marketing", "security",
        "legal",
    }
)  # fmt: skip  # closed: a purpose that is added to the code alone fails the build (S51)


@register()
def every_purpose_is_known(**kwargs: Any) -> list[Error]:
    """Names each purpose that is none of the closed list: data is not sold, and no such purpose can be added (S51)."""
    return [
        Error(f"{where}: {purpose} is no purpose for which this site may use data.", id="privacy.E008")
        for where, purpose in strange_purposes()
    ]


def strange_purposes() -> list[tuple[str, str]]:
    """Where a purpose that is none of PURPOSES stands: among the words, at a field, a recipient or a mail."""
    found = [("core.personal_data.Purpose", str(one)) for one in Purpose]
    found += [(f"{entry.model}.{one.name}", str(one.purpose)) for entry in registry for one in entry.fields]
    found += [(f"recipient {key}", str(one)) for key, known in outbound.recipients.items() for one in known.purposes]
    found += [(f"mail {key}", str(kind.purpose)) for key, kind in outbound.mail_kinds.items()]
    return [(where, purpose) for where, purpose in found if purpose not in PURPOSES]


@register()
def every_field_is_declared(**kwargs: Any) -> list[Error]:
    """Names each undeclared field, with the line to add, and each declaration that speaks of nothing."""
    return [*undeclared(apps.get_models()), *shapeless(apps.get_models()), *stale(registry)]


def needs_declaration(field: Any, people: set[str]) -> bool:
    """Whether a field can hold a person's data: text without choices, a file, an address, or a key to a person."""
    if isinstance(field, TEXT_LIKE):
        return not field.choices
    if isinstance(field, models.ForeignKey | models.ManyToManyField) or field.one_to_one:
        to_person = field.related_model._meta.label_lower in people
        return to_person or (field.many_to_many and field.model._meta.label_lower in people)
    return False


def declared_people() -> set[str]:
    """The models whose rows stand for a person."""
    return {entry.model.lower() for entry in registry if entry.is_person}


def fields_to_declare(model: type[models.Model]) -> Iterator[Any]:
    """The fields of a model that somebody must have thought about."""
    people = declared_people()
    for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
        if needs_declaration(field, people):
            yield field


def undeclared(all_models: Iterable[type[models.Model]]) -> Iterator[Error]:
    """One error per field that nobody declared."""
    for model in all_models:
        if model._meta.proxy or not model._meta.managed:
            continue
        label = model._meta.label
        known = registry.find(label).names() if label in registry else set()
        for field in fields_to_declare(model):
            if field.name not in known:
                room = f"{model._meta.app_label}/personal_data.py"
                yield Error(
                    f"{label}.{field.name} can hold a person's data and is not declared.",
                    hint=f'Declare it in {room}, or add not_personal={{"{field.name}": "<reason>"}} there.',
                    id="privacy.E001",
                )


def json_fields(model: type[models.Model]) -> list[Any]:
    """The fields of a model that hold JSON."""
    return [field for field in model._meta.local_fields if isinstance(field, models.JSONField)]


def reasons_of(entry: PersonalModel) -> list[tuple[str, str]]:
    """Each field that a declaration lets off with a reason: it is not personal, or its keys are free."""
    free = [(name, keys) for name, keys in entry.json.items() if isinstance(keys, str)]
    return [*entry.not_personal.items(), *free]


def shapeless(all_models: Iterable[type[models.Model]]) -> Iterator[Error]:
    """One error per JSON field whose keys nobody declared."""
    for model in all_models:
        label = model._meta.label
        known = registry.find(label).json if label in registry else {}
        for field in json_fields(model):
            if field.name not in known:
                yield Error(
                    f"{label}.{field.name} holds JSON, and its keys are not declared.",
                    hint=f'Add json={{"{field.name}": ("<key>", "<key>/<key inside>")}} to its declaration in'
                    f" {model._meta.app_label}/personal_data.py, or the reason why its keys are free.",
                    id="privacy.E009",
                )


def stale(declarations: Iterable[PersonalModel]) -> Iterator[Error]:
    """One error per declaration that names a model or field that is not there, says two things, or gives no reason."""
    for entry in declarations:
        try:
            model = apps.get_model(entry.model)
        except LookupError:
            yield Error(f"{entry.model} is declared and does not exist.", id="privacy.E002")
            continue
        yield from gone(entry, model)
        named = [*(declared.name for declared in entry.fields), *entry.keys, *entry.not_personal]
        for name in sorted({name for name in named if named.count(name) > 1}):
            yield Error(f"{entry.model}.{name} is declared twice.", id="privacy.E004")
        for name, reason in reasons_of(entry):
            if len(str(reason)) < 8:
                yield Error(f"{entry.model}.{name} is listed without a reason.", id="privacy.E005")
        for declared in entry.fields:
            if not str(declared.why):
                yield Error(f"{entry.model}.{declared.name} does not say why it is kept.", id="privacy.E006")
            for key in set(declared.recipients) - outbound.recipients.keys():
                yield Error(f"{entry.model}.{declared.name} goes to {key}, which is no recipient.", id="privacy.E007")


def gone(entry: PersonalModel, model: type[models.Model]) -> Iterator[Error]:
    """One error per field that a declaration names and the table does not have, or does not have as JSON."""
    there = {field.name for field in model._meta.get_fields()}
    for name in sorted((entry.names() | set(filter(None, [entry.aged_by]))) - there):
        yield Error(f"{entry.model}.{name} is declared and does not exist.", id="privacy.E003")
    for name in sorted(set(entry.json) - {field.name for field in json_fields(model)}):
        yield Error(f"{entry.model}.{name} has declared keys and holds no JSON.", id="privacy.E010")


def count_declared() -> tuple[int, int, int]:
    """Number of models, of personal fields and keys, and of fields listed as not personal with a reason."""
    entries = list(registry)
    personal = sum(len(entry.fields) + len(entry.keys) for entry in entries)
    return len(entries), personal, sum(len(entry.not_personal) for entry in entries)
