"""What the controller knows of the files of file order sources.

A file has at most one order at a time. Knows neither directories nor orders.
"""

import msgspec


class Arising(msgspec.Struct, frozen=True, array_like=True):
    """A file that has come and is complete.

    `id` is new for each arising, also of the same name. `path` may be shown; `raw` has its bytes in
    base64 where they are no UTF-8. `face` is what an agent tells the file from another one of the
    same name by.
    """

    id: str
    at_us: int
    path: str
    raw: str = ""
    face: str = ""


class FileState(msgspec.Struct, frozen=True, tag="file", array_like=True):
    """A name in the directory of a source.

    `arisen` is the file that is there now. `orders` are pairs of an order of this name that has not
    left and the arising it came of: one, where no database was set back. A newer arising waits
    until they have left. `served` are the last arisings that have got their order. `problem` tells
    why the last attempt to add an order failed, `refused` how often, and `retry_us` when it is
    tried again, 0: at once.
    """

    arisen: Arising | None = None
    orders: tuple[tuple[str, str], ...] = ()
    served: tuple[str, ...] = ()
    problem: str = ""
    refused: int = 0
    retry_us: int | None = None

    @property
    def order(self) -> str:
        """The order of the name, empty if there is none."""
        return self.orders[0][0] if self.orders else ""

    @property
    def wants_order(self) -> bool:
        """Whether an order is to be added now."""
        return self.arisen is not None and not self.orders and self.arisen.id not in self.served

    @property
    def is_there(self) -> bool:
        """Whether the file that an order came of has not vanished."""
        return self.arisen is not None and any(of == self.arisen.id for _, of in self.orders)


class SourceState(msgspec.Struct, frozen=True, tag="fileordersource", array_like=True):
    """What the agent said last of a source: `problem` is empty where it watches well.

    `told_us` 0: it has said nothing yet. `awaits` is the mark of the question that it has not
    answered yet: until then nothing that it says of files counts. `release_after` is set while the
    files of a withdrawn source are made to vanish: the last name that was looked at.
    """

    problem: str = ""
    told_us: int = 0
    release_after: str | None = None
    awaits: str = ""
