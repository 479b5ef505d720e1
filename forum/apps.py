"""Wiring of the app."""

from django.apps import AppConfig


class ForumConfig(AppConfig):
    name = "forum"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate, pre_migrate

        from forum import events, subscribers
        from forum.finding import schema

        events.author_goes.connect(subscribers.let_author_go, dispatch_uid="forum.let_author_go")
        events.posts_redacted.connect(subscribers.redact_posts, dispatch_uid="forum.redact_posts")
        events.reactions_go.connect(subscribers.take_reactions_back, dispatch_uid="forum.take_reactions_back")
        pre_migrate.connect(schema.before_migrations, sender=self, dispatch_uid="forum.search.before")
        post_migrate.connect(schema.after_migrations, sender=self, dispatch_uid="forum.search.after")
