"""The one gate in front of every row that pages and the API show or change.

Views never ask a model's manager themselves: `rows` and `restrict` narrow what is read to what the
account may see, `fetch_or_refuse` gives one row or says why not. What is decided here is written
in `cockpit.access.policy`.
"""

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from agents.models import Agent, AgentCluster, AgentClusterMember
from cluster.models import Lease, LeaseEvent, Node, ServiceRun
from cockpit.access.failures import Forbidden, NotThere
from cockpit.access.policy import Account, Verb, folders, may, may_at
from cockpit.models import AccessToken, AuditEntry, PlanOperation, PlanOperationSlice
from controller.models import (
    Command,
    DeployedItem,
    Fact,
    FeedPosition,
    Link,
    OrderResult,
    OrderRow,
    Waiter,
)
from dailyplan.models import (
    Forecast,
    ForecastNotice,
    ForecastOrder,
    Parameterisation,
    PlannedOrder,
    PlannedSchedule,
    PlanSettings,
    Submission,
    SubmissionPart,
    SubmittedStart,
)
from history.models import GroupCount, JobRun, Log, LogChunk, OrderRun, OrderRunState
from inventory.models import (
    Deployment,
    DeploymentObject,
    Folder,
    Item,
    Repository,
    UploadedArchive,
    Version,
)

M = TypeVar("M", bound=Model)

_PATH_OF: dict[type[Model], str] = {
    OrderRow: "workflow",
    OrderRun: "workflow",
    JobRun: "workflow",
    GroupCount: "workflow",
    DeployedItem: "path",
    DeploymentObject: "path",
    Folder: "path",
    Item: "path",
    Repository: "path",
    Version: "path",
    Parameterisation: "workflow",
    ForecastOrder: "workflow",
    PlannedSchedule: "path",
}
"""Which column says in which folder a row lies."""

_WITHOUT_FOLDER: frozenset[type[Model]] = frozenset(
    {
        Agent, AgentCluster, AgentClusterMember, AuditEntry, AccessToken, Command, Deployment,
        Fact, FeedPosition, Forecast, ForecastNotice, Lease, LeaseEvent, Link, Log, LogChunk,
        Node, OrderResult, OrderRunState, PlannedOrder, PlanOperation, PlanOperationSlice,
        PlanSettings, ServiceRun, Submission, SubmissionPart, SubmittedStart, UploadedArchive,
        Waiter,
    }
)  # fmt: skip
"""Rows that lie in no folder, or are reached only through a row that was let through."""

_ONLY_FOR_STAFF: frozenset[type[Model]] = frozenset({AuditEntry})


class ModelNotGuarded(LookupError):
    """A table that the gate has no rule for; nothing of it is shown."""


def rows(model: type[M], account: Account, verb: Verb = Verb.LOOK) -> QuerySet[M]:
    """Return the rows of a table on which the account may do `verb`."""
    # Not every table calls its manager `objects`.
    return restrict(model._default_manager.all(), account, verb)  # noqa: SLF001


def restrict(queryset: QuerySet[M], account: Account, verb: Verb = Verb.LOOK) -> QuerySet[M]:
    """Return those of the rows on which the account may do `verb`.

    Raises:
        ModelNotGuarded: the gate does not know the table.
    """
    model = queryset.model
    if model not in _PATH_OF and model not in _WITHOUT_FOLDER:
        raise ModelNotGuarded(f"The gate has no rule for {model.__name__}.")
    allowed = folders(account, Verb.ADMINISTER if model in _ONLY_FOR_STAFF else verb)
    if "" in allowed:
        return queryset
    column = _PATH_OF.get(model)
    if not allowed or column is None:
        return queryset if allowed else queryset.none()
    return queryset.filter(_within(column, allowed))


def fetch_or_refuse(
    queryset: QuerySet[M], account: Account, verb: Verb = Verb.LOOK, **look_up: Any
) -> M:
    """Return the one row that the look-up names.

    Raises:
        NotThere: there is none, or the account may not see it.
        Forbidden: the account may see it, but not do `verb`.
    """
    found = restrict(queryset, account).filter(**look_up).first()
    if found is None:
        raise NotThere(f"There is no such {queryset.model.__name__.lower()}.")
    if verb is not Verb.LOOK and not restrict(queryset, account, verb).filter(**look_up).exists():
        raise Forbidden(f"{account.name} may look at this, but not {verb.value}.")
    return found


def require(account: Account, verb: Verb) -> None:
    """Refuse an account that may do `verb` nowhere.

    Raises:
        Forbidden: it may not.
    """
    if not may(account, verb):
        raise Forbidden(f"{account.name or 'Nobody in particular'} may not {verb.value} here.")


def everywhere(account: Account, verb: Verb) -> bool:
    """Return whether no folder keeps the account from doing `verb`."""
    return "" in folders(account, verb)


def require_at(account: Account, verb: Verb, path: str) -> None:
    """Refuse an account that may not do `verb` at a path.

    Raises:
        Forbidden: it may not.
    """
    if not may_at(account, verb, path):
        raise Forbidden(f"{account.name or 'Nobody in particular'} may not {verb.value} {path}.")


def _within(column: str, allowed: tuple[str, ...]) -> Q:
    found = Q(pk__in=[])
    for folder in allowed:
        found |= Q(**{column: folder}) | Q(**{f"{column}__startswith": f"{folder}/"})
    return found
