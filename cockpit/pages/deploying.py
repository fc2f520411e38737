"""Deploying and revoking from a page: the verb, its audit row, the controller's answer."""

from collections.abc import Callable, Sequence

from django.db import transaction
from django.http import HttpRequest

from cockpit import audit
from cockpit.access.account import Actor
from cockpit.api import answers
from cockpit.audit import Deed
from cockpit.pages.asking import reason_of
from inventory.answers import settle
from inventory.deploy import FROM_TODAY, PlanUpdate, deploy
from inventory.models import Deployment


def deployed_with_audit(
    request: HttpRequest,
    actor: Actor,
    refs: Sequence[tuple[str, str]],
    act: Callable[..., Deployment] = deploy,
    plan: PlanUpdate = FROM_TODAY,
) -> Deployment:
    """Return the deployment after the controller's answer, or without it when it takes long.

    Raises:
        DeploymentRefused: with all problems of all objects; nothing has been written.
        SiteKeyUnusable: nothing can be signed here.
    """
    reason = reason_of(request)
    with transaction.atomic():
        made = act(refs, account=actor.account.name, comment=reason.comment, plan=plan)
        objects = [f"{kind}:{path}" for kind, path in refs]
        deed = Deed(verb=act.__name__, kind="deployment", objects=objects, command=made.command,
                    after={"deployment": made.pk, "objects": objects})  # fmt: skip
        audit.record(actor, deed, reason)
    answer = answers.wait(made.command)
    if answer is not None:
        audit.note_answer(made.command, answer)
    return settle(made)
