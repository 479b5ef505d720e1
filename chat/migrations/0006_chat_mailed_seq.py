from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0005_archive_search"),
    ]

    operations = [
        migrations.AddField(
            model_name="chat",
            name="mailed_seq",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
