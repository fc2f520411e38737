"""The audit log and access tokens for administrators: to be read, and tokens to be ended."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from cockpit import audit
from cockpit.access.account import actor_of
from cockpit.access.tokens import revoke
from cockpit.audit import Deed
from cockpit.models import AccessToken, AuditEntry


class _ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Shows rows that are written elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds rows here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes rows here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody removes rows here."""
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(_ReadOnly):
    """The audit log."""

    list_display = ["at", "account", "verb", "kind", "objects_named", "result", "comment", "ticket"]
    list_filter = ["verb", "kind", "result"]
    search_fields = ["account", "comment", "ticket", "request_id"]
    date_hierarchy = "at"
    show_full_result_count = False


@admin.register(AccessToken)
class AccessTokenAdmin(_ReadOnly):
    """Access tokens; they are made by `manage.py token` or the API, where they are shown once."""

    list_display = ["prefix", "user", "name", "scopes", "expires_at", "last_used_at", "revoked_at"]
    list_filter = ["revoked_at"]
    search_fields = ["prefix", "name", "user__username"]
    actions = ["end_tokens"]

    @admin.action(description="End the selected tokens", permissions=["view"])
    def end_tokens(self, request: HttpRequest, queryset: QuerySet[AccessToken]) -> None:
        """Revoke tokens, with one audit row each."""
        ended = 0
        for token in queryset:
            with transaction.atomic():
                if revoke(token.pk):
                    deed = Deed(verb="revoke", kind="token", objects=[token.prefix])
                    audit.record(actor_of(request), deed)
                    ended += 1
        self.message_user(request, f"{ended} tokens ended.", messages.SUCCESS)
