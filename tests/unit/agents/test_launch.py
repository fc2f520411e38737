"""What a job's process is given: environment, arguments, and what has to stay secret."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agents.sealed import Opener, seal_value
from agents.worker.environment import JobNotStartable
from agents.worker.hands.scripts import Scripts
from agents.worker.jobs import ARGUMENTS, Launch, prepare
from agents.worker.workplace import Workplace
from engine.errors import EngineError
from engine.objects.model import JobResource
from engine.order.model import Order, Processing, Result
from engine.workflow.model import (
    BuiltIn,
    Execute,
    Job,
    OrderPreparation,
    Parameter,
    PythonScript,
    ShellScript,
    Workflow,
)
from engine.workflow.program import Program

KEY = X25519PrivateKey.generate()


def sealed(value: str) -> str:
    """Return a value sealed for this agent, as an expression."""
    return f"'{seal_value(value, {'agent-a': KEY.public_key().public_bytes_raw()})}'"


def launched(
    folder: Path,
    job: Job,
    *,
    node: dict[str, Any] | None = None,
    of_workflow: tuple[str, ...] = (),
    preparation: OrderPreparation | None = None,
    resources: dict[str, JobResource] | None = None,
    **order: Any,
) -> Launch:
    """Return how the job would be started."""
    workflow = Workflow(
        (Execute("job", "label", node or {}),),
        {"job": job},
        job_resource_names=of_workflow,
        order_preparation=preparation,
    )
    program = Program("flow", "1", workflow)
    value = Order(id="#1", workflow="flow", version="1", state=Processing("r-1", 5), **order)
    place = Workplace(
        Scripts(folder),
        str(folder),
        {"PATH": "/usr/bin:/bin"},
        (resources or {}).get,
        Opener("agent-a", KEY.private_bytes_raw()),
    )
    return prepare(value, program, place, now_us=5)


def shell(env: dict[str, str] | None = None, **job: Any) -> Job:
    """Return a shell job."""
    v1 = job.pop("v1_compatible", False)
    return Job("agent-a", ShellScript("true", env or {}, v1_compatible=v1), **job)


def test_a_plain_shell_job_gets_its_env_and_nothing_secret(tmp_path: Path) -> None:
    made = launched(tmp_path, shell({"A": "$a ++ 'b'", "NONE": "missing"}), arguments={"a": "x"})
    assert made.start.env == {
        "PATH": "/usr/bin:/bin",
        "A": "xb",
        "JS7_RETURN_VALUES": f"{tmp_path}/r-1.ret",
    }
    assert (made.secrets, made.arguments) == ((), None)


def test_resources_win_over_the_job_and_the_first_one_listed_over_others(tmp_path: Path) -> None:
    documents = {
        name: JobResource({"me": f"'{name}'"}, {"WHO": "$me", name.upper(): "$me"})
        for name in ("one", "two", "three")
    }
    made = launched(
        tmp_path,
        shell({"WHO": "'job'", "MINE": "'job'"}, job_resource_names=("two", "one")),
        of_workflow=("one", "three"),
        resources=documents,
    )
    env = made.start.env
    assert (env["WHO"], env["MINE"]) == ("two", "job")
    assert (env["ONE"], env["TWO"], env["THREE"]) == ("one", "two", "three")


def test_order_arguments_win_over_defaults_and_for_v1_jobs_those_of_the_node(
    tmp_path: Path,
) -> None:
    given: dict[str, Any] = {"node": {"m": "'node'"}, "arguments": {"m": "order"}}
    job = shell({"M": "$m"}, default_arguments={"m": "'job'", "n": "'job'"})
    assert launched(tmp_path, job, **given).start.env["M"] == "order"
    job = shell({"M": "$m"}, default_arguments={"m": "'job'", "n": "'job'"}, v1_compatible=True)
    env = launched(tmp_path, job, **given).start.env
    assert (env["M"], env["SCHEDULER_PARAM_M"], env["SCHEDULER_PARAM_N"]) == ("node", "node", "job")


def test_the_env_of_the_job_wins_over_v1_variables(tmp_path: Path) -> None:
    job = shell({"SCHEDULER_PARAM_A": "'mine'"}, v1_compatible=True)
    results = (Result((0,), None, None, {"b": 2, "c": [1]}),)
    env = launched(tmp_path, job, arguments={"a": "x"}, results=results).start.env
    assert (env["SCHEDULER_PARAM_A"], env["SCHEDULER_PARAM_B"]) == ("mine", "2")
    assert "SCHEDULER_PARAM_C" not in env


def test_a_default_that_names_itself_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="defined by itself"):
        launched(tmp_path, shell({"A": "$a"}, default_arguments={"a": "$b", "b": "$a"}))


def test_sealed_values_are_opened_for_the_process_and_remembered(tmp_path: Path) -> None:
    documents = {"db": JobResource({"pw": sealed("s3cret")}, {"PW": "$pw"})}
    job = shell({"URL": '"db://u:${pw}@h"'}, job_resource_names=("db",))
    made = launched(
        tmp_path, job, resources=documents, arguments={"pw": sealed("other").strip("'")}
    )
    assert made.start.env["PW"] == "s3cret"
    assert made.start.env["URL"] == "db://u:other@h"
    assert set(made.secrets) == {"s3cret", "other"}


def test_the_facts_of_the_job_are_an_object(tmp_path: Path) -> None:
    env = {"J": '"${js7Job.name} ${js7Job.processLimit} ${js7Job.timeoutMillis}"'}
    made = launched(tmp_path, shell(env, parallelism=3, timeout=60))
    assert made.start.env["J"] == "job 3 60000"


def test_arguments_of_a_built_in_job_go_by_file_typed_and_with_defaults(tmp_path: Path) -> None:
    arguments = {
        "url": "'http://h'",
        "timeout": "'30'",
        "verify": "'false'",
        "headers": "{a: 1}",
        "password": sealed("pw12"),
        "user": "missing",
    }
    made = launched(tmp_path, Job("agent-a", BuiltIn("Http", arguments), timeout=9))
    assert made.arguments is not None
    told = json.loads(made.arguments)
    assert (told["timeout"], told["verify"], told["headers"]) == (30, False, {"a": 1})
    assert (told["method"], told["password"], "user" in told) == ("GET", "pw12", False)
    assert set(made.secrets) == {"pw12"}
    start = made.start
    assert (start.argv[0], start.argv[-1], start.timeout_s) == (sys.executable, "Http", 9.0)
    assert start.env[ARGUMENTS] == f"{tmp_path}/r-1.args"
    assert "pw12" not in repr(start)


def test_everything_that_is_wrong_with_arguments_is_said_at_once_without_values(
    tmp_path: Path,
) -> None:
    arguments = {"method": "'STEAL'", "timeout": "'pw'", "body": "'a'", "json": "1", "x": "1"}
    with pytest.raises(JobNotStartable) as raised:
        launched(tmp_path, Job("agent-a", BuiltIn("Http", arguments)))
    said = str(raised.value)
    for part in ("url: it is required", "method: it must be one of", "timeout: it must be a num",
                 "body and json cannot", "x: Http has no such"):  # fmt: skip
        assert part in said
    assert "STEAL" not in said
    assert "'pw'" not in said


def test_the_password_within_a_secret_url_is_secret_too(tmp_path: Path) -> None:
    arguments = {"url": "'postgresql://u:p%40ss@h/d'", "statement": "'select 1'"}
    made = launched(tmp_path, Job("agent-a", BuiltIn("Sql", arguments)))
    assert set(made.secrets) == {"p%40ss", "p@ss"}


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("Http", {"url": "'http://u:p%40ss@h/d'"}),
        ("FileTransfer", {"source": "'sftp://u:p%40ss@h/d'", "target": "'/t'"}),
        ("FileTransfer", {"source": "'/s'", "target": "'ftp://u:p%40ss@h/d'"}),
    ],
)
def test_the_password_within_any_url_is_secret(
    tmp_path: Path, kind: str, arguments: dict[str, str]
) -> None:
    made = launched(tmp_path, Job("agent-a", BuiltIn(kind, arguments)))
    assert set(made.secrets) == {"p%40ss", "p@ss"}


@pytest.mark.parametrize("timeout", ["0", "-1", "'-0.5'"])
def test_a_time_out_must_be_above_0(tmp_path: Path, timeout: str) -> None:
    arguments = {"url": "'http://h/'", "timeout": timeout}
    with pytest.raises(JobNotStartable, match="timeout: it must be above 0"):
        launched(tmp_path, Job("agent-a", BuiltIn("Http", arguments)))


def test_a_python_job_gets_values_by_name_and_its_interpreter(tmp_path: Path) -> None:
    executable = PythonScript(callable="a:b", arguments={"n": "1 + 1", "t": "'x'"})
    made = launched(tmp_path, Job("agent-a", executable))
    assert json.loads(made.arguments or b"") == {
        "callable": "a:b",
        "script": None,
        "arguments": {"n": 2, "t": "x"},
    }
    assert made.start.argv[0] == sys.executable
    with pytest.raises(JobNotStartable, match="no interpreter python9"):
        launched(tmp_path, Job("agent-a", PythonScript(script="1", interpreter="python9")))
    named = launched(tmp_path, Job("agent-a", PythonScript(script="1", interpreter="sh")))
    assert named.start.argv[0].endswith("/sh")


def test_a_file_is_named_below_a_folder_of_its_attempt_and_the_same_when_asked_anew(
    tmp_path: Path,
) -> None:
    env = {"A": "toFile($x, '*.txt')", "B": "toFile('y', 'b.txt')", "C": "toFile('z', 'b.txt')"}
    made = launched(tmp_path, shell(env), arguments={"x": "ä"})
    folder = f"{tmp_path}/r-1.files"
    assert made.files == {"1/r-1-1.txt": "ä".encode(), "2/b.txt": b"y", "3/b.txt": b"z"}
    assert made.start.env["A"] == f"{folder}/1/r-1-1.txt"
    assert made.start.env["C"] == f"{folder}/3/b.txt"
    assert launched(tmp_path, shell(env), arguments={"x": "ä"}) == made
    assert list(tmp_path.iterdir()) == [tmp_path / "scripts"]


def test_a_job_resource_makes_files_where_its_job_runs(tmp_path: Path) -> None:
    resource = JobResource({"key": "toFile('k', 'key.pem')"}, {"KEY": "$key", "SAME": "$key"})
    made = launched(tmp_path, shell(job_resource_names=("r",)), resources={"r": resource})
    assert made.start.env["KEY"] == made.start.env["SAME"] == f"{tmp_path}/r-1.files/1/key.pem"
    assert list(made.files.values()) == [b"k"]


def test_a_sealed_value_is_opened_in_a_file_and_kept_secret(tmp_path: Path) -> None:
    resource = JobResource({"key": sealed("s3cret")})
    env = {"F": "toFile('key=' ++ JobResource:r:key, 'f')"}
    made = launched(tmp_path, shell(env), resources={"r": resource})
    assert made.files == {"1/f": b"key=s3cret"}
    assert made.secrets == ("s3cret",)


@pytest.mark.parametrize("name", ["../../evil", "/tmp/evil", "..", "a/b"])
def test_a_name_that_leads_out_of_the_folder_fails_the_job(tmp_path: Path, name: str) -> None:
    with pytest.raises(EngineError, match="toFile"):
        launched(tmp_path, shell({"F": "toFile('x', $name)"}), arguments={"name": name})


@pytest.mark.parametrize("secret", [True, False])
def test_a_secret_variable_is_hidden_however_it_comes(tmp_path: Path, *, secret: bool) -> None:
    resource = JobResource({"pw": "'of the resource'"})
    parameters = {
        "a": Parameter(default="JobResource:r:pw", secret=secret),
        "b": Parameter(secret=secret),
        "c": Parameter(secret=secret),
    }
    made = launched(
        tmp_path,
        shell({"A": "$a", "B": "$b"}),
        arguments={"b": sealed("was sealed").strip("'")},
        results=(Result((0,), None, None, {"a2": 1}),),
        preparation=OrderPreparation(parameters),
        resources={"r": resource},
    )
    assert made.start.env["A"] == "of the resource"
    plain = {"of the resource"} if secret else set()
    assert set(made.secrets) == {"was sealed"} | plain
