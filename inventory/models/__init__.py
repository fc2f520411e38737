"""Tables of the inventory. Written by the verbs of this package only."""

from inventory.models.deployment import Deployment, DeploymentObject
from inventory.models.folder import Folder
from inventory.models.item import Item, Version

__all__ = ["Deployment", "DeploymentObject", "Folder", "Item", "Version"]
