import django.db.models
from django.db import migrations, models

from chat.archive.search import schema


def create(apps, schema_editor):
    schema.create(schema_editor.connection)


def remove(apps, schema_editor):
    schema.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("chat", "0004_live_product")]

    operations = [
        migrations.AddIndex(
            model_name="chat",
            index=models.Index(
                fields=["account", "rating", "-id"],
                name="chat_chat_rated",
                condition=django.db.models.Q(("rating", ""), _negated=True),
            ),
        ),
        migrations.AddIndex(
            model_name="chat",
            index=models.Index(
                fields=["account", "-id"], name="chat_chat_mailed", condition=django.db.models.Q(("by_mail", True))
            ),
        ),
        migrations.RunPython(create, remove),
    ]
