"""Ssh: one command in the shell of another machine; its return code is the job's.

When the job is asked to end, so is the command there; one that does not is killed where the server
passes signals on. A command that neither gets signals nor reads from its closed input may go on.
"""

import asyncio
import contextlib
import signal
import sys
from typing import IO, Any

import asyncssh

from agents.runners.run import TERMINATED, Ended, JobFailed
from agents.runners.ssh_connection import connect

GRACE_S = 5.0
_PIECE = 1 << 16


def run(arguments: dict[str, Any]) -> Ended:
    """Run the command.

    Raises:
        JobFailed: the machine was not reached, or the connection was lost.
    """
    return asyncio.run(_run(arguments))


async def _run(arguments: dict[str, Any]) -> Ended:
    asked = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked.set)
    connection = await _unless(
        asked,
        connect(
            arguments["host"],
            port=arguments["port"],
            given=arguments,
            timeout_s=arguments["timeout"],
        ),
    )
    if connection is None:
        return Ended({}, TERMINATED)
    async with connection:
        try:
            return await _command(connection, arguments, asked)
        except asyncssh.Error as problem:
            raise JobFailed(f"{arguments['host']}: {problem.reason}") from None


async def _unless(asked: asyncio.Event, work: Any) -> Any:
    """Return what the work gives, None if the job is asked to end before."""
    task, stop = asyncio.ensure_future(work), asyncio.ensure_future(asked.wait())
    await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if task.done():
        return task.result()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return None


async def _command(
    connection: asyncssh.SSHClientConnection, arguments: dict[str, Any], asked: asyncio.Event
) -> Ended:
    env = {str(name): str(value) for name, value in arguments.get("env", {}).items()}
    process = await connection.create_process(
        arguments["command"], env=env, encoding=None, stdin=asyncssh.DEVNULL
    )
    copies = (
        asyncio.ensure_future(_copy(process.stdout, sys.stdout.buffer)),
        asyncio.ensure_future(_copy(process.stderr, sys.stderr.buffer)),
    )
    ended = await _unless(asked, process.wait_closed())
    if ended is None and asked.is_set() and process.exit_status is None:
        await _end(process)
    await asyncio.wait(copies, timeout=GRACE_S)
    if asked.is_set():
        return Ended({}, TERMINATED)
    return Ended({}, _code(process))


async def _copy(stream: Any, target: IO[bytes]) -> None:
    while piece := await _piece(stream):
        target.write(piece)
        target.flush()


async def _piece(stream: Any) -> bytes:
    """Return what came; nothing of a lost connection, for `_code` tells that once."""
    try:
        found: bytes = await stream.read(_PIECE)
    except (OSError, asyncssh.Error):
        return b""
    return found


async def _end(process: asyncssh.SSHClientProcess[bytes]) -> None:
    for end in (process.terminate, process.kill):
        with contextlib.suppress(OSError, asyncssh.Error):
            end()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(process.wait_closed()), GRACE_S)
            return
    process.close()


def _code(process: asyncssh.SSHClientProcess[bytes]) -> int:
    if process.exit_status is not None and process.exit_status >= 0:
        return process.exit_status
    if process.exit_signal is not None:
        number = getattr(signal, f"SIG{process.exit_signal[0]}", None)
        return 128 + (number or 0)
    lost = "The connection was lost before the command had ended; it may go on there."
    raise JobFailed(lost)
