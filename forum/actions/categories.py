"""Making and changing categories."""

from typing import Any

from django.db import transaction

from forum.models import Category

CHANGEABLE = ("name", "slug", "description", "icon", "order", "is_archived")


@transaction.atomic
def save_category(*, category: Category, changes: dict[str, Any]) -> Category:
    """Stores a new category, or changes of one: any of CHANGEABLE, by name."""
    for name in CHANGEABLE:
        if name in changes:
            setattr(category, name, changes[name])
    if category.pk is None:
        category.save()
    else:
        category.save(update_fields=[name for name in CHANGEABLE if name in changes] or ["name"])
    return category
