"""Deployed objects that an agent has been given: workflow versions and job resources."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agents.protocol import Item
from engine import seal
from engine.objects.model import JobResource
from engine.objects.read import read_object
from engine.order.requests import SignedItem
from engine.order.resource_scope import KIND
from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from engine.world import World


def is_signed(item: Item, site_key: bytes) -> bool:
    """Tell whether the site has signed exactly this item."""
    signed = SignedItem(item.kind, item.path, item.version, item.document, item.signature)
    return seal.verify(Ed25519PublicKey.from_public_bytes(site_key), signed)


def use(world: World, item: Item) -> None:
    """Place the object in the world; one that this version cannot read is left out."""
    if item.kind == "workflow":
        workflow = read_workflow(item.document).workflow
        if workflow is not None:
            program = Program(item.path, item.version, workflow)
            world.programs[item.path, item.version] = program
    elif item.kind == KIND:
        found = read_object(item.kind, item.document).object
        if isinstance(found, JobResource):
            # Documents name it by its path, or by the last part of that.
            for name in (item.path, item.path.rpartition("/")[2]):
                world.objects[item.kind, name] = (item.path, found)
