"""`/deployments/`: handing drafts to the controller, all or none, and taking them back."""

from collections.abc import Callable

import msgspec
from django.db import transaction
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit import audit
from cockpit.access.account import Actor
from cockpit.access.gate import fetch_or_refuse, require_at, restrict, rows
from cockpit.access.policy import Account, Verb
from cockpit.api import answers, keep
from cockpit.api.documented import told
from cockpit.api.inventory import bodies
from cockpit.api.inventory.examples import DEPLOY_EXAMPLES
from cockpit.api.inventory.foreseen import PreviewSeen, preview_seen
from cockpit.api.inventory.refusals import as_problems
from cockpit.api.problem import FieldProblem, Refusal, as_json, invalid
from cockpit.api.query import Limit, read_query
from cockpit.api.view import View
from cockpit.audit import Deed, Reason
from cockpit.models import KeptAnswer
from inventory.answers import settle
from inventory.dependencies import needed
from inventory.deploy import PlanUpdate, deploy, revoke
from inventory.deployed import Ref, deployed_items
from inventory.kinds import KINDS
from inventory.models import Deployment, DeploymentObject
from inventory.preview import preview, preview_revocation
from inventory.queries import present_items

_MOST = 5_000


class DeploymentQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which deployments. `cursor` is the id before which a page begins."""

    cursor: int | None = None
    limit: Limit = 50


class DeploymentView(View):
    """What the views on deployments have in common."""

    verbs = {"POST": Verb.DEPLOY}

    def carry_out(
        self, verb: str, body: bodies.DeployBody, act: Callable[..., Deployment]
    ) -> HttpResponse:
        """Ask the controller, wait for its answer, and return the deployment."""
        refs = self.named(body, revoked=verb == "revoke")
        for _, path in refs:
            require_at(self.account, Verb.DEPLOY, path)
        return answered(self.account, self._asked(verb, body, refs, act))

    def _asked(
        self, verb: str, body: bodies.DeployBody, refs: list[Ref], act: Callable[..., Deployment]
    ) -> Deployment:
        with as_problems(with_path=True), transaction.atomic():
            kept = keep.claim(self.request._request, self.actor)  # noqa: SLF001
            found = deployment_of(kept, self.account)
            if found is not None:
                return found
            made = act(refs, account=self.account.name, comment=body.comment, plan=plan_of(body))
            record_deployment(self.actor, verb, made, Reason(body.comment, body.ticket))
            keep.keep_command(kept, made.command)
            return made

    def named(self, body: bodies.DeployBody, *, revoked: bool = False) -> list[Ref]:
        """Return the objects that a body names, those of its folder among them.

        Raises:
            Refusal: nothing is named, or too much.
        """
        refs = [(ref.type, ref.path) for ref in body.objects]
        if body.folder is not None:
            refs += self._within(body.folder.strip("/"), revoked=revoked)
        if not refs:
            raise invalid([FieldProblem("objects", "Nothing is named: give objects or a folder.")])
        if body.with_dependencies and not revoked:
            refs += needed(refs, restrict(present_items(), self.account))
        if len(refs) > _MOST:
            raise invalid([FieldProblem("folder", f"It has more than {_MOST} objects.")])
        return sorted(set(refs))

    def _within(self, folder: str, *, revoked: bool) -> list[Ref]:
        if revoked:
            here = restrict(deployed_items(), self.account)
            paths = here.filter(path__startswith=f"{folder}/").values_list("kind", "path")
            return list(paths[: _MOST + 1])
        items = restrict(present_items(), self.account).within([folder])  # type: ignore[attr-defined]
        return list(items.filter(valid=True).values_list("kind", "path")[: _MOST + 1])


class DeploymentCollection(DeploymentView):
    """The deployments."""

    @told(query=DeploymentQuery, answers={200: bodies.DeploymentPage})
    def get(self, request: Request) -> HttpResponse:
        """List deployments, newest first."""
        query = read_query(request.GET, DeploymentQuery)
        found = rows(Deployment, self.account).order_by("-pk")
        if query.cursor is not None:
            found = found.filter(pk__lt=min(query.cursor, 2**63 - 1))
        page = list(found[: query.limit + 1])
        more, page = len(page) > query.limit, page[: query.limit]
        listed = [deployment_seen(self.account, made) for made in page]
        return as_json(bodies.DeploymentPage(listed, str(page[-1].pk) if more else None))

    @told(
        body=bodies.DeployBody,
        answers={201: bodies.DeploymentSeen, 202: bodies.DeploymentSeen},
        problems=(409,),
        examples=DEPLOY_EXAMPLES,
    )
    def post(self, request: Request) -> HttpResponse:
        """Deploy objects: all of them or none.

        For schedules, calendars, include scripts and job templates this is a release: orders do not
        use them themselves.
        """
        return self.carry_out("deploy", self.body(bodies.DeployBody), deploy)


class DeploymentRevoke(DeploymentView):
    """`-/revoke/`: letting nobody start objects any more."""

    @told(
        body=bodies.DeployBody,
        answers={201: bodies.DeploymentSeen, 202: bodies.DeploymentSeen},
        problems=(409,),
    )
    def post(self, request: Request) -> HttpResponse:
        """Revoke objects, or recall released ones: all of them or none; their orders go on."""
        return self.carry_out("revoke", self.body(bodies.DeployBody), revoke)


class DeploymentPreview(DeploymentView):
    """`-/preview/`: a deployment before it happens."""

    verbs = {"POST": Verb.LOOK}

    @told(body=bodies.PreviewBody, answers={200: PreviewSeen})
    def post(self, request: Request) -> HttpResponse:
        """Tell what deploying or revoking would do: objects, problems, effect on the plan."""
        body = self.body(bodies.PreviewBody)
        plan = plan_of(body)
        # Dependencies are marked as such, so they are not named here.
        asked = msgspec.structs.replace(body, with_dependencies=False)
        refs = self.named(asked, revoked=body.revoke)
        if body.revoke:
            return as_json(preview_seen(preview_revocation(refs, plan=plan)))
        items = restrict(present_items(), self.account)
        found = preview(refs, items, with_dependencies=body.with_dependencies, plan=plan)
        return as_json(preview_seen(found))


class DeploymentOne(DeploymentView):
    """One deployment."""

    @told(answers={200: bodies.DeploymentSeen})
    def get(self, request: Request, number: int) -> HttpResponse:
        """Tell about a deployment."""
        found = fetch_or_refuse(
            rows(Deployment, self.account), self.account, pk=min(number, 2**63 - 1)
        )
        return as_json(deployment_seen(self.account, settle(found)))


def plan_of(body: bodies.DeployBody) -> PlanUpdate:
    """Return what the daily plan is told."""
    return PlanUpdate(body.update_plan_from, body.include_late)


def deployment_of(kept: KeptAnswer | None, account: Account) -> Deployment | None:
    """Return the deployment that a request with this key has led to before."""
    if kept is None or kept.command is None:
        return None
    return rows(Deployment, account).filter(command=kept.command).first()


def record_deployment(actor: Actor, verb: str, made: Deployment, reason: Reason) -> None:
    """Write the audit row of a deployment, within its transaction."""
    objects = [f"{o.kind}:{o.path}" for o in made.objects_of.all()]
    after = {"deployment": made.pk, "objects": _objects(actor.account, made)}
    deed = Deed(verb=verb, kind="deployment", objects=objects, command=made.command, after=after)
    audit.record(actor, deed, reason)


def answered(account: Account, made: Deployment) -> HttpResponse:
    """Return the deployment with the controller's answer, 202 while there is none.

    Raises:
        Refusal: the controller took nothing over.
    """
    answer = answers.wait(made.command)
    seen = deployment_seen(account, settle(made))
    if answer is None:
        return as_json(seen, 202, Location=seen.operation)
    if not answer.ok:
        problems = [FieldProblem(a.id, a.sentence, a.code) for a in answer.answers if not a.ok]
        raise Refusal(
            409, "deployment-refused", "The controller took nothing over.", problems=problems
        )
    return as_json(seen, 201)


def deployment_seen(account: Account, made: Deployment) -> bodies.DeploymentSeen:
    """Return a deployment for the API."""
    return bodies.DeploymentSeen(
        id=made.pk,
        state=made.state,
        account=made.account,
        comment=made.comment,
        commit=made.commit,
        made_at=made.made_at,
        operation=f"/api/v1/operations/{made.command}/",
        update_plan_from=made.update_plan_from,
        include_late=made.include_late,
        objects=_objects(account, made),
        answers=made.answer,
    )


def _objects(account: Account, made: Deployment) -> list[bodies.DeployedSeen]:
    found = rows(DeploymentObject, account).filter(deployment=made)
    return [
        bodies.DeployedSeen(
            type=o.kind,
            path=o.path,
            version=o.version or None,
            life=KINDS[o.kind].life.value if o.kind in KINDS else "",
        )
        for o in found
    ]
