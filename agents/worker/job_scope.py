"""What the expressions of a job see where it runs: what the order knows, and files of its own.

Files are only named here, with their content; `agents.worker.job_files` writes and removes them.
"""

from collections.abc import Iterator

from agents.worker.workplace import Unsealing, Workplace
from engine.errors import EngineError
from engine.expression.file_name import file_name
from engine.order.model import Order
from engine.order.scope import OrderScope
from engine.order.secret import is_sealed, secret_names
from engine.values import Function, Missing, normalise, text_of
from engine.workflow.model import Execute
from engine.workflow.program import Program


class JobScope(OrderScope):
    """The scope of one attempt.

    `files` are the contents of those that `toFile` was asked for, by their paths below the
    attempt's own folder. Each lies in a folder by itself, so that its name may be any, and asking
    anew in the same order gives the same paths.
    """

    __slots__ = ("_attempt", "_folder", "_unsealing", "files")

    def __init__(
        self,
        order: Order,
        program: Program,
        now_us: int,
        *,
        node: Execute,
        attempt: str,
        workplace: Workplace,
        unsealing: Unsealing,
    ) -> None:
        super().__init__(order, program, now_us, node=node, find=workplace.find)
        self._attempt = attempt
        self._folder = files_folder(workplace.folder, attempt)
        self._unsealing = unsealing
        self.files: dict[str, bytes] = {}

    def to_file(self, content: str, pattern: str) -> str:
        """Return the path of a new file; sealed values in its content are opened.

        Raises:
            EvaluationFailed: the pattern gives no name of a file.
            SealFailure: a value cannot be opened here.
        """
        number = len(self.files) + 1
        name = file_name(pattern, f"{self._attempt}-{number}")
        plain = self._unsealing.text(content)
        path = f"{number}/{name}"
        self.files[path] = plain.encode("utf-8", "surrogatepass")
        return f"{self._folder}/{path}"


def plain_secrets(scope: OrderScope) -> Iterator[str]:
    """Yield the values of secret variables that have come here without a seal.

    Such as a default out of a job resource. They have no less to be hidden in what the job writes.
    """
    for name in secret_names(scope.workflow):
        try:
            value = normalise(scope.variable(name))
        except EngineError:
            continue  # whoever needs it will say so
        if not isinstance(value, list | dict | Function | Missing) and not is_sealed(value):
            yield text_of(value)


def files_folder(folder: str, attempt: str) -> str:
    """Return where the files of an attempt lie, as long as it runs."""
    return f"{folder}/{attempt}.files"
