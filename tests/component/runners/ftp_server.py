"""An FTP server on a thread of its own, in the clear or under TLS."""

import contextlib
import datetime as dt
import ipaddress
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

with warnings.catch_warnings():  # of asyncore, which Python 3.11 has still
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

PASSWORD = "pa ss"


class Running(msgspec.Struct):
    """Where the server is, what its clients may trust, and the commands that it was given."""

    port: int
    ca_file: str
    commands: list[str]


def certificate(folder: Path) -> Path:
    """Return a file with a certificate for this machine, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = folder / "server.pem"
    file.write_bytes(key.private_bytes(pem, *plain) + made.public_bytes(pem))
    return file


@contextlib.contextmanager
def ftp_server(
    files: Path, own: Path, *, tls: bool = False, lacks: frozenset[str] = frozenset()
) -> Iterator[Running]:
    """Serve files below a folder, as long as the context lasts.

    Args:
        files: what user `u` sees as its root.
        own: where the server keeps its certificate.
        tls: whether commands and files go under TLS, and only so.
        lacks: commands that this server does not know.
    """
    authorizer = DummyAuthorizer()
    authorizer.add_user("u", PASSWORD, str(files), perm="elradfmwMT")
    running = Running(0, str(certificate(own)) if tls else "", [])

    class Handler(TLS_FTPHandler if tls else FTPHandler):  # type: ignore[misc]
        def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
            running.commands.append(f"{cmd} {arg}".strip() if cmd != "PASS" else cmd)
            super().pre_process_command(line, cmd, arg)

    Handler.authorizer = authorizer
    Handler.auth_failed_timeout = 0
    Handler.proto_cmds = {k: v for k, v in FTPHandler.proto_cmds.items() if k not in lacks}
    if tls:
        Handler.proto_cmds = {k: v for k, v in TLS_FTPHandler.proto_cmds.items() if k not in lacks}
        Handler.certfile = running.ca_file
        Handler.tls_control_required = Handler.tls_data_required = True
    with _serving(Handler) as port:
        running.port = port
        yield running


@contextlib.contextmanager
def _serving(handler: Any) -> Iterator[int]:
    server = FTPServer(("127.0.0.1", 0), handler, ioloop=IOLoop())
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            server.serve_forever(timeout=0.02, blocking=False, handle_exit=False)
        server.close_all()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.address[1]
    finally:
        stop.set()
        thread.join(10)
