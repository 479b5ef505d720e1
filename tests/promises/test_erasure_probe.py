"""The probe of erasures turns red when one is late, unsigned or not forgotten, and when somebody is back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.testing import make_user
from core.erased import remember_erased
from privacy.actions import erasing
from privacy.models import ErasurePlan
from privacy.persons import person_of_user

Watch = Callable[[str], Any]


@pytest.fixture(autouse=True)
def erased(site: None, settings: Any, tmp_path: Any) -> ErasurePlan:
    settings.VAR, settings.MEDIA_ROOT, settings.FILES_ROOT = tmp_path, tmp_path / "media", tmp_path / "files"
    plan = erasing.run_erasure(plan=erasing.begin_erasure(person=person_of_user(make_user())))
    assert plan.state == "done"
    return plan


def test_an_erasure_is_late(turns_red: Watch):
    with turns_red("erasure_with_proof"):
        plan = erasing.begin_erasure(person=person_of_user(make_user()))
        ErasurePlan.objects.filter(pk=plan.pk).update(confirmed_at=timezone.now() - timedelta(days=2))


@pytest.mark.parametrize("change", [{"certificate": "{}"}, {"needles": ["word"]}, {"keys": {"accounts.User": [1]}}])
def test_a_certificate_does_not_fit_or_a_word_is_kept(turns_red: Watch, erased: ErasurePlan, change: dict[str, Any]):
    with turns_red("erasure_with_proof"):
        ErasurePlan.objects.filter(pk=erased.pk).update(**change)


def test_somebody_is_back(turns_red: Watch):
    with turns_red("erasure_with_proof", leaves="a file"):
        person = make_user()
        remember_erased([f"user:{person.pk}:{person.public_id}"])
