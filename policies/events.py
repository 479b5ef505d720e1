"""What policies tells: a version was published."""

from django.dispatch import Signal

version_published = Signal()  # kwargs: version_id; sent on commit by policies.actions.publish_version
