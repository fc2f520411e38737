"""Tables of the inventory. Written by the verbs of this package only."""

from inventory.models.deployment import Deployment, DeploymentObject
from inventory.models.edit import DraftEdit, DraftHold
from inventory.models.folder import Folder
from inventory.models.item import Item, Version
from inventory.models.reference import Reference, VersionReference
from inventory.models.repository import Repository
from inventory.models.tag import ItemTag, Tag
from inventory.models.upload import UploadedArchive

__all__ = [
    "Deployment",
    "DeploymentObject",
    "DraftEdit",
    "DraftHold",
    "Folder",
    "Item",
    "ItemTag",
    "Reference",
    "Repository",
    "Tag",
    "UploadedArchive",
    "Version",
    "VersionReference",
]
