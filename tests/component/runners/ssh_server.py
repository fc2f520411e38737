"""An SSH and SFTP server on a thread of its own, with real shells behind it."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh

PASSWORD = "pa ss"


class Server(asyncssh.SSHServer):
    """Lets in one user, by password; others by the key given."""

    def password_auth_supported(self) -> bool:
        """Say that there are passwords."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Tell whether the password is right."""
        return (username, password) == ("u", PASSWORD)


class Running:
    """Where the server is, and its host key as a line of known hosts."""

    def __init__(self, port: int, known_hosts: str, client_key: str) -> None:
        self.port, self.known_hosts, self.client_key = port, known_hosts, client_key
        self.ended: list[int] = []


async def _shell(process: asyncssh.SSHServerProcess[bytes], running: Running) -> None:
    if process.command == "drop":
        process.get_extra_info("connection").abort()
        return
    env = {"PATH": "/usr/bin:/bin", **process.env}
    child = await asyncio.create_subprocess_shell(
        process.command or "",
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )

    async def copied(source: Any, target: Any) -> None:
        while data := await source.read(4096):
            target.write(data)

    async def asked() -> None:
        while True:
            try:
                await process.stdin.read()
                await asyncio.sleep(0.02)  # the client's end of input; signals come later
            except asyncssh.SignalReceived:
                child.terminate()
            except asyncssh.BreakReceived:
                return

    asking = asyncio.ensure_future(asked())
    await asyncio.gather(copied(child.stdout, process.stdout), copied(child.stderr, process.stderr))
    code = await child.wait()
    running.ended.append(code)
    asking.cancel()
    with contextlib.suppress(OSError):
        process.exit(code if code >= 0 else 128 - code)


@contextlib.contextmanager
def ssh_server(
    folder: Path, sftp: type[asyncssh.SFTPServer] = asyncssh.SFTPServer
) -> Iterator[Running]:
    """Serve commands, and files below a folder, as long as the context lasts."""
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    client_key = asyncssh.generate_private_key("ssh-ed25519")
    allowed = asyncssh.import_authorized_keys(client_key.export_public_key().decode())
    started, stop = threading.Event(), asyncio.Event()
    found: list[tuple[Running, asyncio.AbstractEventLoop]] = []

    async def serve() -> None:
        running = Running(0, "", client_key.export_private_key().decode())
        acceptor = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=Server,
            server_host_keys=[host_key],
            authorized_client_keys=allowed,
            process_factory=lambda process: _shell(process, running),
            sftp_factory=lambda channel: sftp(channel, chroot=bytes(folder)),
            encoding=None,
        )
        running.port = acceptor.get_port()
        public = host_key.export_public_key().decode().strip()
        running.known_hosts = f"[127.0.0.1]:{running.port} {public}"
        found.append((running, asyncio.get_running_loop()))
        started.set()
        await stop.wait()
        acceptor.close()
        await acceptor.wait_closed()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert started.wait(10)
    running, loop = found[0]
    try:
        yield running
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
