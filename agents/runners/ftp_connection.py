"""A connection to an FTP server, in the clear or under TLS, with failures as sentences."""

import contextlib
import ftplib
import socket
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

from agents.runners.run import JobFailed

PORT, IMPLICIT_PORT = 21, 990
_FAILURES = (ftplib.Error, OSError, EOFError, UnicodeError, ValueError)


class Secured(ftplib.FTP_TLS):
    """FTP under TLS: commands and files, the server's certificate checked for both.

    `implicit`: TLS begins with the connection, without being asked for. Data connections go on with
    the TLS session of the commands: servers demand it as proof that both have one owner.
    """

    implicit = False

    def connect(self, *args: Any, **given: Any) -> str:
        """Connect, and begin TLS at once where that is implicit."""
        if not self.implicit:
            return super().connect(*args, **given)
        self.host, port = args
        plain = socket.create_connection((self.host, port), given["timeout"])
        self.timeout, self.af = given["timeout"], plain.family
        self.sock = self.context.wrap_socket(plain, server_hostname=self.host)
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        return self.welcome

    def ntransfercmd(
        self, cmd: str, rest: int | str | None = None
    ) -> tuple[socket.socket, int | None]:
        """Open a data connection under the session of the commands."""
        plain, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321  # TLS follows
        assert isinstance(self.sock, ssl.SSLSocket)  # noqa: S101  # nothing is sent before TLS
        session = self.sock.session
        return self.context.wrap_socket(plain, server_hostname=self.host, session=session), size


@contextlib.contextmanager
def sentences(host: str) -> Iterator[None]:
    """Say in a sentence what the server or the way to it refuses.

    Raises:
        JobFailed: instead of each failure of the connection.
    """
    try:
        yield
    except TimeoutError:
        raise JobFailed(f"{host}: it does not answer") from None
    except ssl.SSLCertVerificationError as problem:
        raise JobFailed(
            f"{host}: its certificate is not trusted: {problem.verify_message}"
        ) from None
    except EOFError:
        raise JobFailed(f"{host}: the connection is lost") from None
    except UnicodeError:
        raise JobFailed(f"{host}: it writes names that are not UTF-8") from None
    except _FAILURES as problem:
        raise JobFailed(f"{host}: {problem}") from None


def connect(
    host: str, *, port: int | None, tls: bool, given: Mapping[str, Any], timeout_s: float
) -> ftplib.FTP:
    """Return a connection that is logged in and sends bytes as they are.

    Args:
        host: the server.
        port: its port; None for the usual one. 990 means that TLS begins at once.
        tls: whether everything goes under TLS.
        given: `user` (else anonymous), `password`, `ca_file`.
        timeout_s: after so long a silence the connection is given up.

    Raises:
        JobFailed: it cannot be reached, trusted or entered.
    """
    with sentences(host):
        ftp = _secured(port, given) if tls else ftplib.FTP()  # noqa: S321  # asked for as ftp://
        try:
            ftp.connect(host, port or PORT, timeout=timeout_s)
            ftp.login(given.get("user", ""), given.get("password", ""))
            if isinstance(ftp, Secured):
                ftp.prot_p()
            ftp.voidcmd("TYPE I")
        except BaseException:
            ftp.close()
            raise
        return ftp


def _secured(port: int | None, given: Mapping[str, Any]) -> Secured:
    ftp = Secured(context=ssl.create_default_context(cafile=given.get("ca_file")))
    ftp.implicit = port == IMPLICIT_PORT
    return ftp
