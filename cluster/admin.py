"""Read-only lists of leases, nodes and service runs for staff."""

from django.contrib import admin
from django.http import HttpRequest

from cluster.models import Lease, LeaseEvent, Node, ServiceRun


class _ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows that only the processes of the cluster may write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Lease)
class LeaseAdmin(_ReadOnly):
    """Who may act."""

    list_display = ("role", "holder", "term", "phase", "intended", "changed_at")


@admin.register(Node)
class NodeAdmin(_ReadOnly):
    """Who could act."""

    list_display = ("role", "node", "incarnation", "version", "coupled_no", "changed_at")


@admin.register(LeaseEvent)
class LeaseEventAdmin(_ReadOnly):
    """Who acted when."""

    list_display = ("at", "role", "kind", "term", "who")
    list_filter = ("role", "kind")
    ordering = ("-id",)


@admin.register(ServiceRun)
class ServiceRunAdmin(_ReadOnly):
    """What background services did."""

    list_display = ("service", "planned_at", "state", "counts", "term", "ended_at")
    list_filter = ("service", "state")
    ordering = ("-planned_at",)
