"""The addresses of the REST API, below `/api/v1/`.

Order ids may contain slashes, so what lies below an order is matched before the order itself; the
name `-` stands where an id cannot be.
"""

from django.urls import path, re_path

from cockpit.api.agent_clusters import ClusterCollection, ClusterOne
from cockpit.api.agents import AgentCollection, AgentOne, AgentSwitch, AgentToken
from cockpit.api.audit import AuditList
from cockpit.api.cluster import Cluster
from cockpit.api.docs import Page, Schema
from cockpit.api.encrypt import AgentEncrypt
from cockpit.api.history.lists import HistoryJob, HistoryJobs, HistoryOrders
from cockpit.api.history.logs import JobLog
from cockpit.api.inventory.archives import ArchiveExport, ArchiveImport
from cockpit.api.inventory.deployments import (
    DeploymentCollection,
    DeploymentOne,
    DeploymentPreview,
    DeploymentRevoke,
)
from cockpit.api.inventory.draft_verbs import DraftRename, DraftRollBack, DraftVerb
from cockpit.api.inventory.drafts import DraftCheck, DraftDiff, DraftOne, DraftVersions
from cockpit.api.inventory.folders import FolderCopy, FolderMake, FolderMove, FolderRemove
from cockpit.api.inventory.references import DraftReferences
from cockpit.api.inventory.searching import DraftCollection, DraftSearch
from cockpit.api.inventory.tags import ManyTag, TagCollection, TagOne
from cockpit.api.inventory.template_jobs import TemplateJobs
from cockpit.api.inventory.texts import ManyReplace, ManyValidate
from cockpit.api.inventory.trash import ManyDelete, ManyRestore, ManyTrash
from cockpit.api.nothing import nothing_here
from cockpit.api.operations import OperationOne, OperationStop
from cockpit.api.orders.acting import OrderVerb, OrderVerbBulk
from cockpit.api.orders.collection import OrderCollection
from cockpit.api.orders.one import OrderOne, OrderPlaces
from cockpit.api.orders.past import OrderEvents, OrderLog, OrderSteps
from cockpit.api.orders.verbs import VERBS
from cockpit.api.plan.forecast import (
    ForecastPath,
    ForecastRecomputing,
    PlanForecast,
    PlannedOrderForecast,
)
from cockpit.api.plan.generating import PlanGenerate
from cockpit.api.plan.orders import PlannedCollection, PlannedOrderOne
from cockpit.api.plan.previews import CalendarPreviewing, SchedulePreviewing
from cockpit.api.plan.projecting import PlanProjection
from cockpit.api.plan.settings import DailyPlanSettings
from cockpit.api.plan.submissions import SubmissionList
from cockpit.api.plan.verbs import PlannedVerb
from cockpit.api.resources.board_views import BoardCollection, BoardOne, NoticeCollection
from cockpit.api.resources.file_source_views import FileSourceCollection, FileSourceOne
from cockpit.api.resources.lock_views import LockCollection, LockOne
from cockpit.api.resources.plan_views import PlanCollection, PlanOne, PlanVerb
from cockpit.api.tokens import Token
from cockpit.api.workflow_transfer import WorkflowTransfer
from cockpit.api.workflow_verbs import CONTROLS, WorkflowControl
from cockpit.api.workflows import WorkflowCollection, WorkflowGraph, WorkflowOne

_ORDER = r"^orders/(?P<order_id>.+?)/"
_VERBS = "|".join(VERBS)
_CONTROLS = "|".join(CONTROLS)
_OBJECT = "inventory/<str:kind>/<path:path>"

urlpatterns = [
    path("token/", Token.as_view()),
    path("orders/", OrderCollection.as_view()),
    path("orders/-/<str:verb>/", OrderVerbBulk.as_view()),
    re_path(_ORDER + "events/$", OrderEvents.as_view()),
    re_path(_ORDER + "steps/$", OrderSteps.as_view()),
    re_path(_ORDER + "positions/$", OrderPlaces.as_view()),
    re_path(_ORDER + "log/$", OrderLog.as_view()),
    re_path(f"{_ORDER}(?P<verb>{_VERBS})/$", OrderVerb.as_view()),
    re_path(_ORDER + "$", OrderOne.as_view()),
    path("workflows/", WorkflowCollection.as_view()),
    path("workflows/<path:path>/graph/", WorkflowGraph.as_view()),
    path("workflows/<path:path>/transfer/", WorkflowTransfer.as_view()),
    re_path(
        rf"^workflows/(?P<path>.+)/(?P<verb>{'|'.join(CONTROLS)})/$", WorkflowControl.as_view()
    ),
    path("workflows/<path:path>/", WorkflowOne.as_view()),
    path("boards/", BoardCollection.as_view()),
    path("boards/<path:path>/notices/", NoticeCollection.as_view()),
    path("boards/<path:path>/", BoardOne.as_view()),
    path("file-order-sources/", FileSourceCollection.as_view()),
    path("file-order-sources/<path:path>/", FileSourceOne.as_view()),
    path("locks/", LockCollection.as_view()),
    path("locks/<path:path>/", LockOne.as_view()),
    path("plan/", PlanCollection.as_view()),
    path("plan/orders/", PlannedCollection.as_view()),
    path("plan/orders/-/generate/", PlanGenerate.as_view()),
    path("plan/orders/-/<str:verb>/", PlannedVerb.as_view()),
    re_path(r"^plan/orders/(?P<order_id>.+?)/forecast/$", PlannedOrderForecast.as_view()),
    re_path(r"^plan/orders/(?P<order_id>.+?)/$", PlannedOrderOne.as_view()),
    path("plan/forecast/", PlanForecast.as_view()),
    path("plan/forecast/recompute/", ForecastRecomputing.as_view()),
    path("plan/forecast/path/", ForecastPath.as_view()),
    path("plan/projection/", PlanProjection.as_view()),
    path("plan/submissions/", SubmissionList.as_view()),
    re_path(r"^plan/(?P<plan>[^/]+)/(?P<verb>open|close)/$", PlanVerb.as_view()),
    path("plan/<str:plan>/", PlanOne.as_view()),
    path("calendars/preview/", CalendarPreviewing.as_view()),
    path("schedules/preview/", SchedulePreviewing.as_view()),
    path("settings/dailyplan/", DailyPlanSettings.as_view()),
    path("inventory/", DraftCollection.as_view()),
    path("inventory/-/search/", DraftSearch.as_view()),
    path("inventory/-/export/", ArchiveExport.as_view()),
    path("inventory/-/import/", ArchiveImport.as_view()),
    path("inventory/-/folder/", FolderMake.as_view()),
    path("inventory/-/remove/", FolderRemove.as_view()),
    path("inventory/-/move/", FolderMove.as_view()),
    path("inventory/-/copy/", FolderCopy.as_view()),
    path("inventory/-/trash/", ManyTrash.as_view()),
    path("inventory/-/restore/", ManyRestore.as_view()),
    path("inventory/-/delete/", ManyDelete.as_view()),
    path("inventory/-/replace/", ManyReplace.as_view()),
    path("inventory/-/validate/", ManyValidate.as_view()),
    path("inventory/-/tag/", ManyTag.as_view()),
    path("inventory/-/tags/", TagCollection.as_view()),
    path("inventory/-/tags/<str:name>/", TagOne.as_view()),
    path("inventory/jobtemplate/<path:path>/-/jobs/", TemplateJobs.as_view()),
    path(f"{_OBJECT}/-/validate/", DraftCheck.as_view()),
    path(f"{_OBJECT}/-/versions/", DraftVersions.as_view()),
    path(f"{_OBJECT}/-/diff/", DraftDiff.as_view()),
    path(f"{_OBJECT}/-/references/", DraftReferences.as_view()),
    path(f"{_OBJECT}/-/rename/", DraftRename.as_view()),
    path(f"{_OBJECT}/-/roll-back/", DraftRollBack.as_view()),
    re_path(
        r"^inventory/(?P<kind>[^/]+)/(?P<path>.+)/-/(?P<verb>copy|restore)/$",
        DraftVerb.as_view(),
    ),
    path(f"{_OBJECT}/", DraftOne.as_view()),
    path("deployments/", DeploymentCollection.as_view()),
    path("deployments/-/preview/", DeploymentPreview.as_view()),
    path("deployments/-/revoke/", DeploymentRevoke.as_view()),
    path("deployments/<int:number>/", DeploymentOne.as_view()),
    path("agents/", AgentCollection.as_view()),
    path("agents/clusters/", ClusterCollection.as_view()),
    path("agents/clusters/<str:name>/", ClusterOne.as_view()),
    path("agents/<str:agent_id>/encrypt/", AgentEncrypt.as_view()),
    path("agents/<str:agent_id>/", AgentOne.as_view()),
    path("agents/<str:agent_id>/token/", AgentToken.as_view()),
    re_path(r"^agents/(?P<agent_id>[^/]+)/(?P<verb>enable|disable)/$", AgentSwitch.as_view()),
    path("history/orders/", HistoryOrders.as_view()),
    path("history/jobs/", HistoryJobs.as_view()),
    path("history/jobs/<int:no>/", HistoryJob.as_view()),
    path("history/jobs/<int:no>/log/", JobLog.as_view()),
    path("cluster/", Cluster.as_view()),
    path("operations/<uuid:operation>/", OperationOne.as_view()),
    path("operations/<uuid:operation>/stop/", OperationStop.as_view()),
    path("audit/", AuditList.as_view()),
    path("schema/", Schema.as_view()),
    path("docs/", Page.as_view()),
    re_path(r"^[\s\S]*\Z", nothing_here),
]
