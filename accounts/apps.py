"""Wiring of the app, and of the admin with its second factor."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    name = "accounts"
    default = True

    def ready(self) -> None:
        from accounts import staff, subscribers
        from policies.office import register_office

        subscribers.connect()
        register_office(staff.is_privacy_officer)


class SiteAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our site class; stands in INSTALLED_APPS in place of "django.contrib.admin"."""

    default = False
    default_site = "accounts.admin_site.AdminSite"
