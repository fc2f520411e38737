"""`/deployments/`: handing drafts to the controller, all or none, and taking them back."""

from collections.abc import Callable

import msgspec
from django.db import transaction
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit import audit
from cockpit.access.gate import fetch_or_refuse, require_at, restrict, rows
from cockpit.access.policy import Verb
from cockpit.api import answers, keep
from cockpit.api.documented import told
from cockpit.api.inventory import bodies
from cockpit.api.inventory.examples import DEPLOY_EXAMPLES
from cockpit.api.inventory.refusals import as_problems
from cockpit.api.problem import FieldProblem, Refusal, as_json, invalid
from cockpit.api.query import Limit, read_query
from cockpit.api.view import View
from cockpit.audit import Deed, Reason
from inventory.answers import settle
from inventory.deploy import deploy, revoke
from inventory.kinds import KINDS
from inventory.models import Deployment, DeploymentObject
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
        refs = self._named(body)
        for _, path in refs:
            require_at(self.account, Verb.DEPLOY, path)
        made = self._asked(verb, body, refs, act)
        answer = answers.wait(made.command)
        made = settle(made)
        seen = self.seen(made)
        if answer is None:
            return as_json(seen, 202, Location=seen.operation)
        if not answer.ok:
            problems = [FieldProblem(a.id, a.sentence, a.code) for a in answer.answers if not a.ok]
            raise Refusal(
                409, "deployment-refused", "The controller took nothing over.", problems=problems
            )
        return as_json(seen, 201)

    def _asked(
        self,
        verb: str,
        body: bodies.DeployBody,
        refs: list[tuple[str, str]],
        act: Callable[..., Deployment],
    ) -> Deployment:
        with as_problems(with_path=True), transaction.atomic():
            kept = keep.claim(self.request._request, self.actor)  # noqa: SLF001
            if kept is not None and kept.command is not None:
                found = rows(Deployment, self.account).filter(command=kept.command).first()
                if found is not None:
                    return found
            made = act(refs, account=self.account.name, comment=body.comment)
            objects = [f"{kind}:{path}" for kind, path in refs]
            deed = Deed(verb=verb, kind="deployment", objects=objects, command=made.command,
                        after={"deployment": made.pk, "objects": self._objects(made)})  # fmt: skip
            audit.record(self.actor, deed, Reason(body.comment, body.ticket))
            keep.keep_command(kept, made.command)
            return made

    def _named(self, body: bodies.DeployBody) -> list[tuple[str, str]]:
        refs = [(ref.type, ref.path) for ref in body.objects]
        if body.folder is not None:
            items = restrict(present_items(), self.account).within([body.folder.strip("/")])  # type: ignore[attr-defined]
            refs += list(items.filter(valid=True).values_list("kind", "path")[: _MOST + 1])
        if not refs:
            raise invalid([FieldProblem("objects", "Nothing is named: give objects or a folder.")])
        if len(refs) > _MOST:
            raise invalid([FieldProblem("folder", f"It has more than {_MOST} objects.")])
        return sorted(set(refs))

    def seen(self, made: Deployment) -> bodies.DeploymentSeen:
        """Return a deployment for the API."""
        return bodies.DeploymentSeen(
            id=made.pk,
            state=made.state,
            account=made.account,
            comment=made.comment,
            made_at=made.made_at,
            operation=f"/api/v1/operations/{made.command}/",
            objects=self._objects(made),
            answers=made.answer,
        )

    def _objects(self, made: Deployment) -> list[bodies.DeployedSeen]:
        found = rows(DeploymentObject, self.account).filter(deployment=made)
        return [
            bodies.DeployedSeen(
                type=o.kind,
                path=o.path,
                version=o.version or None,
                life=KINDS[o.kind].life.value if o.kind in KINDS else "",
            )
            for o in found
        ]


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
        listed = [self.seen(made) for made in page]
        return as_json(bodies.DeploymentPage(listed, str(page[-1].pk) if more else None))

    @told(
        body=bodies.DeployBody,
        answers={201: bodies.DeploymentSeen, 202: bodies.DeploymentSeen},
        problems=(409,),
        examples=DEPLOY_EXAMPLES,
    )
    def post(self, request: Request) -> HttpResponse:
        """Deploy objects: all of them or none.

        For include scripts and job templates this is a release: orders do not use them themselves.
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
        """Revoke objects: all of them or none; their orders go on."""
        return self.carry_out("revoke", self.body(bodies.DeployBody), revoke)


class DeploymentOne(DeploymentView):
    """One deployment."""

    @told(answers={200: bodies.DeploymentSeen})
    def get(self, request: Request, number: int) -> HttpResponse:
        """Tell about a deployment."""
        found = fetch_or_refuse(
            rows(Deployment, self.account), self.account, pk=min(number, 2**63 - 1)
        )
        return as_json(self.seen(settle(found)))
