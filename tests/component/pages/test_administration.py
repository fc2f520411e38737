"""Accounts made and changed in the administration, with their audit rows."""

from django.contrib.auth import get_user_model
from django.test import Client

from cockpit.models import AuditEntry

ADD = "/admin/auth/user/add/"


def test_an_account_is_added_changed_and_removed_with_an_audit_row_each(owner: Client) -> None:
    users = get_user_model().objects
    users.filter(username="ada").update(is_superuser=True)
    password = {"password1": "Tr0ub4dor&3x", "password2": "Tr0ub4dor&3x"}
    added = owner.post(ADD, {"username": "bea", "usable_password": "true", **password})
    assert added.status_code == 302
    bea = users.get(username="bea")
    here = f"/admin/auth/user/{bea.pk}/"
    dates = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    changed = owner.post(f"{here}change/", {"username": "bea", "is_staff": "on", **dates})
    assert changed.status_code == 302
    assert owner.post(f"{here}delete/", {"post": "yes"}).status_code == 302
    rows = AuditEntry.objects.filter(kind="user").order_by("pk")
    assert list(rows.values_list("verb", "objects_named")) == [
        (verb, [str(bea.pk)]) for verb in ("add", "change", "remove")
    ]
