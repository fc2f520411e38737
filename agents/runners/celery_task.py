"""CeleryTask: one task of another Celery application, called by its name.

With a result backend the job waits for the result, which becomes a return value; without, it ends
once the broker has the message. Return value beside the result: `task_id`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from celery import Celery
from celery.exceptions import CeleryError
from celery.exceptions import TimeoutError as NoResult
from celery.result import AsyncResult
from kombu.exceptions import KombuError

from agents.runners.run import Ended, JobFailed, Terminated, tell, tell_failure

CONNECT_S = 10


def run(arguments: dict[str, Any]) -> Ended:
    """Send the task and wait for its result where there is one.

    Raises:
        JobFailed: a URL cannot be used, the broker was not reached, the task failed, or its result
            did not come in time.
    """
    app = _app(arguments)
    _check("broker_url", arguments["broker_url"], lambda: app.connection_for_write().transport)
    if "result_backend" in arguments:
        _check("result_backend", arguments["result_backend"], lambda: app.backend)
    try:
        sent = app.send_task(
            arguments["task"],
            args=arguments.get("args", []),
            kwargs=arguments.get("kwargs", {}),
            queue=arguments.get("queue"),
            retry=False,
        )
    except RuntimeError as problem:  # celery looks at the result store before it sends
        raise _no_store(problem) from None
    except (OSError, ValueError, KombuError, CeleryError) as problem:
        raise JobFailed(f"The broker did not take the task: {problem}") from None
    tell(f"task {arguments['task']} {sent.id}")
    try:
        return Ended({"task_id": sent.id, **_result(app, sent, arguments)})
    finally:
        app.close()


def _app(arguments: Mapping[str, Any]) -> Celery:
    backend = arguments.get("result_backend")
    app = Celery(broker=arguments["broker_url"], backend=backend, set_as_current=False, fixups=[])
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],  # never pickle: a result must not run anything here
        result_accept_content=["json"],
        task_ignore_result=backend is None,
        broker_connection_timeout=CONNECT_S,
        broker_transport_options={"socket_connect_timeout": CONNECT_S, "max_retries": 1},
        result_backend_transport_options={"socket_connect_timeout": CONNECT_S},
    )
    return app


def _check(argument: str, url: str, load: Callable[[], object]) -> None:
    """Refuse a URL for which nothing can be loaded; what follows the scheme may be secret.

    Raises:
        JobFailed: with the name of the argument.
    """
    scheme, is_url, _ = url.partition("://")
    try:
        load()
    # kombu and celery say in many ways that they know no such scheme or lack its library.
    except (ImportError, KeyError, NameError, CeleryError):
        known = f'"{scheme}" is not known here, or its library is not installed.'
        raise JobFailed(f"{argument}: {known if is_url else 'This is no URL.'}") from None
    except (AttributeError, TypeError, ValueError):
        raise JobFailed(f"{argument}: This is no URL that can be used.") from None


def _no_store(problem: Exception) -> JobFailed:
    """Return what is wrong with the result store; celery's own text speaks of restarting it."""
    why = problem.__cause__ if isinstance(problem, RuntimeError) else None
    return JobFailed(f"The result store does not answer: {why or problem}")


def _result(app: Celery, sent: "AsyncResult[Any]", arguments: Mapping[str, Any]) -> dict[str, Any]:
    if "result_backend" not in arguments:
        return {}
    try:
        found = sent.get(timeout=arguments.get("timeout"), propagate=False)
    except NoResult:
        sent.revoke()
        raise JobFailed(f"No result came within {arguments.get('timeout')} s.") from None
    except Terminated:
        app.control.revoke(sent.id, terminate=True)
        raise
    except (OSError, RuntimeError, CeleryError) as problem:  # celery: reconnecting is given up
        raise _no_store(problem) from None
    if sent.failed():
        if sent.traceback:
            tell_failure(str(sent.traceback).rstrip())
        raise JobFailed(f"The task failed: {found!r}")
    if str(sent.state) == "REVOKED":
        raise JobFailed("The task was revoked.")
    sent.forget()
    return {arguments["result_variable"]: found}
