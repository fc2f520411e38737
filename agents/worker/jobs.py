"""From an order to a process: what to run, with which environment and arguments. No effects here.

Shell scripts are files of their own. All other jobs are run by `agents.runners`, which get their
arguments in a file that they delete: a command line and an environment can be read by others.
"""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from agents.worker.arguments import declared_secrets, evaluated, typed
from agents.worker.environment import JobNotStartable, environment
from agents.worker.hands.attempt import Start
from agents.worker.hands.scripts import Scripts
from agents.worker.job_scope import JobScope, plain_secrets
from agents.worker.workplace import Unsealing, Workplace
from engine.order.model import Order, Processing
from engine.order.resource_scope import Find, none
from engine.order.scope import OrderScope
from engine.values import to_json
from engine.workflow.model import BuiltIn, Execute, Job, PythonScript, ShellScript
from engine.workflow.program import Program

GRACE_S = 15.0
RUNNERS = Path(__file__).parents[1] / "runners"
ARGUMENTS = "STELLWERK_ARGUMENTS"

_encode = msgspec.json.Encoder().encode


class Launch(msgspec.Struct, frozen=True):
    """How to start a job: `arguments` is the content of the runner's file, None for shell jobs.

    `secrets` must not be seen in anything that the job writes. `files` are to be written into the
    folder of the attempt's files.
    """

    start: Start
    secrets: tuple[str, ...] = ()
    arguments: bytes | None = None
    files: Mapping[str, bytes] = {}


def node_of(program: Program, order: Order) -> tuple[Execute, Job]:
    """Return the Execute instruction at which the order stands, and its job."""
    node = program.instruction(order.position)
    if not isinstance(node, Execute):
        raise JobNotStartable(f"there is no job at position {order.position}")
    return node, program.job(node.job_name)


def prepare(order: Order, program: Program, workplace: Workplace, *, now_us: int) -> Launch:
    """Return how to start the job at which the order stands.

    Raises:
        EngineError: environment or arguments cannot be worked out.
    """
    assert isinstance(order.state, Processing)  # noqa: S101  # the event that calls for a launch
    node, job = node_of(program, order)
    unsealing = Unsealing(workplace.opener)
    attempt = order.state.attempt
    scope = JobScope(
        order,
        program,
        now_us,
        node=node,
        attempt=attempt,
        workplace=workplace,
        unsealing=unsealing,
    )
    unsealing.secrets += plain_secrets(scope)
    own = environment(order, node, job, scope, unsealing=unsealing)
    env = {**workplace.basic, **own, "JS7_RETURN_VALUES": f"{workplace.folder}/{attempt}.ret"}
    arguments = None
    if isinstance(job.executable, ShellScript):
        argv = workplace.scripts.argv(job.executable.script.encode("utf-8", "surrogatepass"))
    else:
        argv, arguments = _run_by_runner(job.executable, scope, env, unsealing)
        env[ARGUMENTS] = arguments_path(workplace.folder, attempt)
    start = Start(
        attempt=attempt,
        argv=argv,
        env=env,
        timeout_s=float(job.timeout) if job.timeout is not None else None,
        grace_s=GRACE_S if job.grace_timeout is None else float(job.grace_timeout),
    )
    return Launch(start, tuple(filter(None, unsealing.secrets)), arguments, scope.files)


def launch(
    order: Order,
    program: Program,
    scripts: Scripts,
    *,
    now_us: int,
    folder: str,
    basic: Mapping[str, str],
    find: Find = none,
) -> Start:
    """Return how to start the job, where nothing is sealed and no runner will read arguments.

    Raises:
        EngineError: as `prepare`.
    """
    return prepare(order, program, Workplace(scripts, folder, basic, find), now_us=now_us).start


def arguments_path(folder: str, attempt: str) -> str:
    """Return where the arguments of an attempt lie until its runner has read them."""
    return f"{folder}/{attempt}.args"


def _run_by_runner(
    executable: PythonScript | BuiltIn,
    scope: OrderScope,
    env: Mapping[str, str],
    unsealing: Unsealing,
) -> tuple[tuple[str, ...], bytes]:
    values = evaluated(executable.arguments, scope, unsealing)
    if isinstance(executable, BuiltIn):
        arguments = typed(executable.kind, values)
        unsealing.secrets += declared_secrets(executable.kind, arguments)
        argv = (sys.executable, "-I", str(RUNNERS / "__main__.py"), executable.kind)
        return argv, _encode(arguments)
    content = {
        "callable": executable.callable,
        "script": executable.script,
        "arguments": {name: to_json(value) for name, value in values.items()},
    }
    interpreter = _interpreter(executable.interpreter, env)
    return (interpreter, str(RUNNERS / "python_script.py")), _encode(content)


def _interpreter(name: str | None, env: Mapping[str, str]) -> str:
    if name is None:
        return sys.executable
    found = shutil.which(name, path=env.get("PATH"))
    if found is None:
        raise JobNotStartable(f"there is no interpreter {name}")
    return str(Path(found).absolute())
