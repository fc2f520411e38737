"""Operations on a workflow's draft: the text in, an operation, the text out. Pure.

Diagram, outline and source are views of one text; whatever an editor does is an operation on it.
The text changes only where the operation says, so comments and layout stay. Nothing here knows
who edits, or where drafts are kept.
"""

from inventory.editing.apply import Edited, edited
from inventory.editing.errors import EditingRefusal
from inventory.editing.operations import Operation, read_operation

__all__ = ["Edited", "EditingRefusal", "Operation", "edited", "read_operation"]
