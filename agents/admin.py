"""The register of agents for administrators: configuration, and tokens with which agents join."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from agents.join import issue_token
from agents.models import Agent, AgentCluster, AgentClusterMember


@admin.register(Agent)
class AgentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Agents."""

    list_display = ["id", "title", "enabled", "process_limit", "joined_at"]
    list_filter = ["enabled"]
    search_fields = ["id", "title"]
    fields = ["id", "title", "enabled", "process_limit", "joined_at"]
    readonly_fields = ["joined_at"]
    actions = ["issue_joining_token"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Agent | None = None
    ) -> list[str] | tuple[str, ...]:
        """Return what cannot be changed: an agent keeps its id, for job documents name it."""
        return ["id", "joined_at"] if obj else ["joined_at"]

    @admin.action(description="Issue a new joining token", permissions=["change"])
    def issue_joining_token(self, request: HttpRequest, queryset: QuerySet[Agent]) -> None:
        """Issue a token for each agent and show it, once."""
        for agent in queryset:
            token = issue_token(agent.pk)
            self.log_change(request, agent, "Issued a joining token.")
            text = f"{agent.pk}: STELLWERK_JOIN_TOKEN={token} (shown only now)"
            self.message_user(request, text, messages.WARNING)


class MemberInline(admin.TabularInline):  # type: ignore[type-arg]  # as above
    """The agents of a cluster."""

    model = AgentClusterMember
    extra = 1


@admin.register(AgentCluster)
class AgentClusterAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # as above
    """Clusters of agents."""

    list_display = ["name", "title"]
    search_fields = ["name", "title"]
    inlines = [MemberInline]

    def get_readonly_fields(
        self, request: HttpRequest, obj: AgentCluster | None = None
    ) -> list[str] | tuple[str, ...]:
        """Return what cannot be changed: documents name a cluster by its name."""
        return ["name"] if obj else []
