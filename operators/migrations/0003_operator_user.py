"""Gives operators of before their person."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def name_people(apps, schema_editor):
    operator = apps.get_model("operators", "Operator")
    membership = apps.get_model("accounts", "Membership")
    person = Subquery(membership.objects.filter(pk=OuterRef("membership_id")).values("user_id")[:1])
    operator._base_manager.filter(user=None).update(user_id=person)


class Migration(migrations.Migration):
    dependencies = [("operators", "0002_invitation"), ("accounts", "0001_initial")]

    operations = [migrations.RunPython(name_people, migrations.RunPython.noop, elidable=True)]
