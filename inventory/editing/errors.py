"""Why an operation is refused; the sentence is meant for the person who asked."""


class EditingRefusal(Exception):
    """Root of what this package refuses; after it nothing has changed."""


class PlaceGone(EditingRefusal):
    """The operation names a place that the workflow does not have (any more)."""


class OperationUnfit(EditingRefusal):
    """The operation makes no sense there: a name that is taken, a block moved into itself."""


class OperationUnreadable(EditingRefusal):
    """What came is no operation."""


class TextUnreadable(EditingRefusal):
    """The text of the draft cannot be read, so nothing in it can be found."""


class TextKept(EditingRefusal):
    """The text cannot be changed at this place alone, as with anchors used elsewhere."""
