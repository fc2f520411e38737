"""The inventory for staff, to be looked at: changes go by the verbs, which check them."""

from django.contrib import admin
from django.http import HttpRequest

from inventory.models import Deployment, DeploymentObject, Folder, Item, Version


class _ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows that only the verbs of the inventory write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Folder)
class FolderAdmin(_ReadOnly):
    """The tree."""

    search_fields = ("path",)


@admin.register(Item)
class ItemAdmin(_ReadOnly):
    """Drafts, also those in the trash."""

    list_display = ("path", "kind", "title", "valid", "edit_no", "changed_by", "changed_at")
    list_filter = ("kind", "valid")
    search_fields = ("path", "title")


@admin.register(Version)
class VersionAdmin(_ReadOnly):
    """What was frozen at deployments."""

    list_display = ("path", "kind", "version", "made_by", "made_at", "comment")
    list_filter = ("kind",)
    search_fields = ("path", "version")


class _ObjectInline(admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    """What was deployed together."""

    model = DeploymentObject
    extra = 0
    can_delete = False


@admin.register(Deployment)
class DeploymentAdmin(_ReadOnly):
    """Who deployed what, and what the controller said."""

    list_display = ("pk", "state", "account", "made_at", "comment")
    list_filter = ("state",)
    inlines = (_ObjectInline,)
