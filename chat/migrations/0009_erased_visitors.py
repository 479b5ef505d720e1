from django.db import migrations, models


class Migration(migrations.Migration):
    """Every column may be empty and has no default: SQLite adds it and does not make the table anew."""

    dependencies = [
        ("chat", "0008_visitor_address"),
    ]

    operations = [
        migrations.AddField(
            model_name="visitor",
            name="alias",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="visitor",
            name="erased_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="masked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                fields=["account", "-id"],
                name="chat_message_masked",
                condition=models.Q(("masked_at__isnull", False)),
            ),
        ),
    ]
