"""The controller's answers to deployments, brought in by whoever asks first."""

import msgspec

from controller.commands import answer_to, wait_for
from engine.order.requests import Answer
from inventory.models import Deployment
from inventory.models.deployment import DeploymentState


def settle(deployment: Deployment) -> Deployment:
    """Return the deployment with the controller's answer, if there is one by now."""
    return _settled(deployment, answer_to(deployment.command))


def settle_requested() -> int:
    """Bring in the answers to all open deployments; returns how many have none yet."""
    requested = Deployment.objects.filter(state=DeploymentState.REQUESTED)
    return sum(settle(each).state == DeploymentState.REQUESTED for each in requested)


def await_answer(deployment: Deployment, *, timeout_s: float) -> Deployment:
    """Return the deployment as it is after the answer or the time. Not inside a transaction."""
    return _settled(deployment, wait_for(deployment.command, timeout_s=timeout_s))


def _settled(deployment: Deployment, answer: Answer | None) -> Deployment:
    if answer is not None:
        state = DeploymentState.DONE if answer.ok else DeploymentState.REFUSED
        # The first one to bring it in writes it; the answer is the same for all.
        Deployment.objects.filter(pk=deployment.pk, state=DeploymentState.REQUESTED).update(
            state=state, answer=msgspec.to_builtins(answer.answers)
        )
    deployment.refresh_from_db()
    return deployment
