"""Every field that can hold a person's data is declared; a new one and a stale one are found."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import models
from django.test.utils import isolate_apps

from accounts.models import User
from chat.models import Visitor
from core.personal_data import registry
from privacy import checks


def test_every_field_of_every_installed_table_is_declared():
    assert checks.every_field_is_declared() == []


@pytest.mark.django_db
def test_manage_check_fails_on_a_new_field():
    phone = models.CharField(max_length=20)
    try:
        phone.contribute_to_class(Visitor, "phone")
        with pytest.raises(SystemCheckError, match="chat.Visitor.phone can hold a person's data"):
            call_command("check", stdout=StringIO(), stderr=StringIO())
    finally:
        Visitor._meta.local_fields.remove(phone)
        Visitor._meta._expire_cache()
        del Visitor.phone
    call_command("check", stdout=StringIO())


@isolate_apps("chat")
def test_each_kind_of_field_is_seen():
    class Everything(models.Model):
        text = models.TextField()
        email = models.EmailField()
        link = models.URLField()
        address = models.GenericIPAddressField()
        file = models.FileField()
        facts = models.JSONField()
        raw = models.BinaryField()
        who = models.ForeignKey(User, on_delete=models.CASCADE)
        several = models.ManyToManyField(User)
        chosen = models.CharField(max_length=5, choices=[("a", "A")])
        number = models.IntegerField()

        class Meta:
            app_label = "chat"

    named = [error.msg.split(" ")[0].rpartition(".")[2] for error in checks.undeclared([Everything])]
    assert named == ["text", "email", "link", "address", "file", "facts", "raw", "who", "several"]


@isolate_apps("chat")
def test_a_json_field_without_declared_keys_is_found_with_the_line_to_add():
    class Basket(models.Model):
        lines = models.JSONField()
        note = models.TextField()

        class Meta:
            app_label = "chat"

    (fault,) = checks.shapeless([Basket])
    assert (fault.id, fault.msg) == ("privacy.E009", "chat.Basket.lines holds JSON, and its keys are not declared.")
    assert 'json={"lines": ("<key>"' in str(fault.hint) and "chat/personal_data.py" in str(fault.hint)


def test_a_stale_name_a_missing_reason_and_a_double_declaration_are_found():
    visitor = registry.find("chat.Visitor")
    gone = replace(
        visitor, not_personal={"shoe_size": "A number of the shop.", "name": "Twice, with a reason.", "number": ""}
    )
    found = {error.id: error.msg for error in checks.stale([gone])}
    assert found["privacy.E003"] == "chat.Visitor.shoe_size is declared and does not exist."
    assert found["privacy.E004"] == "chat.Visitor.name is declared twice."
    assert found["privacy.E005"] == "chat.Visitor.number is listed without a reason."
    assert [error.id for error in checks.stale([replace(visitor, model="chat.Nothing")])] == ["privacy.E002"]
    wrong = replace(registry.find("chat.Message"), json={"text": (), "file": "free"})
    found = {error.id: error.msg for error in checks.stale([wrong])}
    assert found["privacy.E010"] == "chat.Message.text has declared keys and holds no JSON."
    assert found["privacy.E005"] == "chat.Message.file is listed without a reason."
