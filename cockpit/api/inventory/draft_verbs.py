"""`/inventory/TYPE/PATH/-/…/`: renaming, copying, restoring and rolling back one object."""

from django.db import transaction
from django.http import HttpResponse
from rest_framework.request import Request

from cockpit.access.gate import require_at
from cockpit.access.policy import Verb
from cockpit.api import keep
from cockpit.api.documented import told
from cockpit.api.inventory import bodies, many_bodies
from cockpit.api.inventory.audited import record_changes
from cockpit.api.inventory.deployments import answered, deployment_of, record_deployment
from cockpit.api.inventory.drafts import DraftView
from cockpit.api.inventory.refusals import as_problems
from cockpit.api.problem import FieldProblem, as_json, invalid
from cockpit.audit import Reason
from inventory import edit, renaming
from inventory.copying import copy_object
from inventory.redeploying import rename_deployed


class DraftVerb(DraftView):
    """`-/copy/` and `-/restore/`."""

    @told(
        body=(bodies.ToBody, bodies.ReasonBody),
        answers={200: bodies.ItemSeen, 201: bodies.ItemSeen},
        problems=(409,),
    )
    def post(self, request: Request, kind: str, path: str, verb: str) -> HttpResponse:
        """Copy an object, or take it out of the trash."""
        if verb == "restore":
            plain = self.body(bodies.ReasonBody)
            return self.change(
                path,
                Reason(plain.comment, plain.ticket),
                lambda who: edit.restore(kind, path, account=who),
            )
        body = self.body(bodies.ToBody)
        require_at(self.account, Verb.EDIT, body.to)
        return self.change(
            path,
            Reason(body.comment, body.ticket),
            lambda who: copy_object(kind, path, body.to, account=who)[0],
            status=201,
        )


class DraftRename(DraftView):
    """`-/rename/`: another name or folder for an object."""

    @told(
        body=bodies.ToBody,
        answers={
            200: (bodies.ItemSeen, many_bodies.RenamingSeen),
            201: bodies.DeploymentSeen,
            202: bodies.DeploymentSeen,
        },
        problems=(409,),
    )
    def post(self, request: Request, kind: str, path: str) -> HttpResponse:
        """Rename an object and what names it, also a deployed one, or tell what would change."""
        body = self.body(bodies.ToBody)
        for place in (path, body.to):
            require_at(self.account, Verb.EDIT, place)
        if body.dry_run:
            self.item(kind, path)
            with as_problems():
                return as_json(
                    many_bodies.renaming_seen(renaming.preview_rename(kind, path, body.to))
                )
        if body.deploy:
            return self._redeployed(kind, path, body)
        return self._renamed(kind, path, body)

    def _renamed(self, kind: str, path: str, body: bodies.ToBody) -> HttpResponse:
        reason = Reason(body.comment, body.ticket)
        if not body.update_references:
            return self.change(
                path,
                reason,
                lambda who: edit.rename(kind, path, body.to, account=who, edit_no=body.edit_no),
            )

        def act() -> HttpResponse:
            with as_problems():
                changes = renaming.rename_everywhere(
                    kind, path, body.to, account=self.account.name, edit_no=body.edit_no
                )
            record_changes(self.actor, changes, reason)
            return as_json(bodies.item_seen(self.item(kind, body.to)))

        return keep.once(self.request._request, self.actor, act)  # noqa: SLF001

    def _redeployed(self, kind: str, path: str, body: bodies.ToBody) -> HttpResponse:
        if not body.update_references:
            sentence = "What uses a deployed object has to follow: leave the field out."
            raise invalid([FieldProblem("update_references", sentence)])
        for place in (path, body.to):
            require_at(self.account, Verb.DEPLOY, place)
        reason = Reason(body.comment, body.ticket)
        with as_problems(with_path=True), transaction.atomic():
            kept = keep.claim(self.request._request, self.actor)  # noqa: SLF001
            made = deployment_of(kept, self.account)
            if made is None:
                done = rename_deployed(
                    kind, path, body.to,
                    account=self.account.name, comment=body.comment, edit_no=body.edit_no,
                )  # fmt: skip
                made = done.deployment
                record_changes(self.actor, done.changes, reason)
                record_deployment(self.actor, "deploy", made, reason)
                keep.keep_command(kept, made.command)
        return answered(self.account, made)


class DraftRollBack(DraftView):
    """`-/roll-back/`: an earlier version as the draft again."""

    @told(body=bodies.RollBackBody, answers={200: bodies.ItemSeen}, problems=(409,))
    def post(self, request: Request, kind: str, path: str) -> HttpResponse:
        """Make the text of a version the draft again; nothing is deployed by that."""
        body = self.body(bodies.RollBackBody)
        version = self.version(kind, path, body.version)
        return self.change(
            path,
            Reason(body.comment, body.ticket),
            lambda who: edit.roll_back(kind, path, version, account=who, edit_no=body.edit_no),
        )
