"""The addresses of the pages. What belongs to a collection lies under `-/`, as in the API."""

from django.urls import URLPattern, path, re_path

from cockpit.pages import (
    adding,
    agents,
    audit,
    boards,
    cluster,
    dashboard,
    deployments,
    drafts,
    history,
    inventory,
    joblog,
    locks,
    moving,
    noticing,
    operations,
    order,
    orders,
    picture,
    plans,
    signin,
    verbs,
    workflow,
    workflow_controls,
    workflows,
)

ORDER = r"^orders/(?P<order_id>.+?)/"
WORKFLOW = r"^workflows/(?P<path>.+?)/"
BOARD = r"^resources/boards/(?P<path>.+?)/"
OBJECT = r"^inventory/(?P<kind>\w+)/(?P<path>.+?)/"

urlpatterns: list[URLPattern] = [
    path("sign-in/", signin.sign_in),
    path("sign-out/", signin.sign_out),
    path("", dashboard.dashboard),
    path("orders/", orders.orders),
    path("orders/-/rows/", orders.order_rows),
    path("orders/-/add/", adding.add_order),
    path("orders/-/<slug:verb>/", verbs.order_verb),
    # An order id may contain slashes; what is below an order is matched first.
    re_path(ORDER + r"tokens/$", order.order_tokens),
    re_path(ORDER + r"(?P<tab>path|variables|log|history|audit)/$", order.order),
    re_path(ORDER + "$", order.order),
    re_path(r"^plan/-/(?P<verb>close|open)/$", plans.change_plan),
    path("operations/<uuid:command>/", operations.operation),
    path("workflows/", workflows.workflows),
    re_path(WORKFLOW + r"-/tokens/$", workflow.workflow_tokens),
    re_path(WORKFLOW + r"-/picture/$", picture.workflow_picture),
    re_path(
        WORKFLOW + r"-/(?P<verb>suspend|resume|labels|stops|transfer)/$",
        workflow_controls.control_workflow,
    ),
    re_path(WORKFLOW + r"-/(?P<tab>orders|history|versions|audit)/$", workflow.workflow),
    re_path(WORKFLOW + "$", workflow.workflow),
    path("history/orders/", history.history_orders),
    path("history/jobs/", history.history_jobs),
    path("history/jobs/<int:no>/log/", joblog.job_log),
    path("history/jobs/<int:no>/log/lines/", joblog.log_lines),
    path("history/jobs/<int:no>/log/file/", joblog.log_file),
    path("resources/agents/", agents.agents),
    path("resources/agents/-/add/", agents.add_agent),
    path("resources/agents/<str:agent_id>/-/token/", agents.agent_token),
    re_path(
        r"^resources/agents/(?P<agent_id>[^/]+)/-/(?P<verb>enable|disable)/$", agents.switch_agent
    ),
    path("resources/boards/", boards.boards),
    re_path(BOARD + r"-/(?P<verb>post|delete)/$", noticing.change_notice),
    re_path(BOARD + "$", boards.board),
    path("resources/locks/", locks.locks),
    re_path(r"^resources/locks/(?P<path>.+?)/$", locks.lock),
    path("inventory/", inventory.inventory),
    path("inventory/<slug:kind>/-/new/", drafts.new_draft),
    re_path(OBJECT + r"-/check/$", drafts.check),
    re_path(OBJECT + r"-/(?P<verb>rename|trash)/$", moving.move_draft),
    re_path(OBJECT + "$", drafts.draft),
    path("deployments/", deployments.deployments),
    path("deployments/-/new/", deployments.new_deployment),
    path("deployments/<int:number>/", deployments.deployment),
    path("cluster/", cluster.cluster),
    path("audit/", audit.entries),
]
