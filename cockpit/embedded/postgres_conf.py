"""The configuration of the embedded PostgreSQL. Pure."""

from pathlib import Path

SETTINGS: dict[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "128MB",
    "synchronous_commit": "on",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "10min",
    # Plans here are short; compiling them costs more than it gains.
    "jit": "off",
    # Queues are tables whose dead rows pile up at the front of an index: clean up often.
    "autovacuum_naptime": "15s",
    "autovacuum_vacuum_scale_factor": "0.05",
    # A client that hangs inside a transaction would hold up everybody's clean-up.
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "datestyle": "iso, ymd",
    "lc_messages": "C",
}

HEADER = """\
# Written anew at each start. Keep settings of your own in the database (ALTER SYSTEM)
# or in own.conf in this folder; both win over what stands here.
"""


def configuration(runtime: Path) -> str:
    """Return the text of postgresql.conf for a server whose socket lies in `runtime`."""
    settings = {"unix_socket_directories": str(runtime), **SETTINGS}
    lines = [f"{name} = {quoted(value)}\n" for name, value in settings.items()]
    return HEADER + "".join(lines) + "include_if_exists = 'own.conf'\n"


def quoted(value: str) -> str:
    """Return a value in the quotes that postgresql.conf reads."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
