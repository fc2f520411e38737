"""Writes a workflow as canonical JSON: equal workflows give equal bytes."""

from engine.workflow.canonical import canonical, digest_of
from engine.workflow.model import Workflow


def write_workflow(workflow: Workflow) -> bytes:
    """Return the document in UTF-8; `read_workflow` makes an equal workflow from it."""
    return canonical(workflow)


def digest(workflow: Workflow) -> str:
    """Return the SHA-256 of the canonical document in hex: the id of the workflow's version."""
    return digest_of(write_workflow(workflow))
