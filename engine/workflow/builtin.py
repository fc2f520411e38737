"""The jobs that agents bring along: which arguments each kind takes.

Only declarations; the runners read them too, so that a document and its run agree.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class ArgumentType(StrEnum):
    """What the value of an argument must be once its expression has been evaluated."""

    TEXT = "String"  # numbers and booleans are printed
    NUMBER = "Number"  # also a text that is one
    WHOLE_NUMBER = "Whole number"  # also a text that is one
    BOOLEAN = "Boolean"  # also the texts true and false
    LIST = "List"  # of any values
    MAP = "Map"  # an object: values by name
    ANY = "Any"  # taken as it is


class Argument(msgspec.Struct, frozen=True):
    """An argument of a built-in job.

    `default` is what holds where it is not given, None for nothing. `choices` are all texts it may
    be. `positive`: a number that must be above 0. `secret`: never shown, wherever it came from.
    """

    name: str
    type: ArgumentType
    meaning: str
    required: bool = False
    default: str | int | bool | None = None
    choices: tuple[str, ...] = ()
    positive: bool = False
    secret: bool = False


_TEXT, _NUMBER, _WHOLE = ArgumentType.TEXT, ArgumentType.NUMBER, ArgumentType.WHOLE_NUMBER
_BOOLEAN, _LIST, _MAP, _ANY = (
    ArgumentType.BOOLEAN,
    ArgumentType.LIST,
    ArgumentType.MAP,
    ArgumentType.ANY,
)

_TIMEOUT = Argument(
    "timeout", _NUMBER, "seconds after which one attempt is given up", default=60, positive=True
)

_HTTP = (
    Argument("url", _TEXT, "where to send the request, http:// or https://", required=True),
    Argument(
        "method",
        _TEXT,
        "the request's method",
        default="GET",
        choices=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
    ),
    Argument("headers", _MAP, "header fields by name"),
    Argument("query", _MAP, "parameters put behind the URL, by name"),
    Argument("body", _TEXT, "the body as a text; not together with json or form"),
    Argument("json", _ANY, "a value sent as JSON; not together with body or form"),
    Argument("form", _MAP, "fields sent as a form; not together with body or json"),
    Argument("user", _TEXT, "name for basic authentication"),
    Argument("password", _TEXT, "password for basic authentication", secret=True),
    Argument("token", _TEXT, "sent as Authorization: Bearer", secret=True),
    _TIMEOUT,
    Argument(
        "expected_status",
        _ANY,
        "status codes that are a success: one, a list, or a text as in 200..299,304",
        default="200..299",
    ),
    Argument(
        "return_path",
        _MAP,
        "variables to set from a JSON answer, by name: the path of a value, as in items.0.id",
    ),
    Argument("follow_redirects", _BOOLEAN, "whether redirections are followed", default=True),
    Argument("verify", _BOOLEAN, "whether the server's certificate is checked", default=True),
    Argument("ca_file", _TEXT, "certificates to trust instead of the machine's own"),
    Argument("proxy", _TEXT, "URL of a proxy to go through"),
)

_SQL = (
    Argument(
        "url", _TEXT, "the database, as in postgresql://user@host/name", required=True, secret=True
    ),
    Argument("statement", _TEXT, "one or more statements, separated by semicolons", required=True),
    Argument("user", _TEXT, "name at the database, instead of the one in the URL"),
    Argument("password", _TEXT, "password at the database", secret=True),
    Argument("parameters", _ANY, "values for the statement: a map by name, or a list"),
    Argument("result_limit", _WHOLE, "most rows of a result that are kept", default=1000),
    Argument(
        "result_variable", _TEXT, "the variable that gets the rows, a list of maps", default="rows"
    ),
    Argument("autocommit", _BOOLEAN, "each statement by itself, not all or nothing", default=False),
    _TIMEOUT,
)

_FILE_TRANSFER = (
    Argument(
        "source",
        _TEXT,
        "what to fetch: a local path, sftp://, ftp(s):// or http(s)://; a folder ends with /",
        required=True,
    ),
    Argument(
        "target",
        _TEXT,
        "where to put it: a local path, sftp:// or ftp(s)://; a folder ends with /",
        required=True,
    ),
    Argument("pattern", _TEXT, "regular expression that the names of files in a folder match"),
    Argument(
        "overwrite",
        _TEXT,
        "what to do where the target has the file",
        default="always",
        choices=("always", "never", "newer", "fail"),
    ),
    Argument("move", _BOOLEAN, "remove each file at the source once it has arrived", default=False),
    Argument("recursive", _BOOLEAN, "go into folders below the source", default=False),
    Argument("min_files", _WHOLE, "fail where fewer files are found", default=1),
    Argument("max_files", _WHOLE, "fail where more files are found"),
    Argument(
        "checksum",
        _TEXT,
        "compare what was sent and what has arrived",
        choices=("md5", "sha256", "sha512"),
    ),
    Argument("source_user", _TEXT, "name at the source"),
    Argument("source_password", _TEXT, "password at the source", secret=True),
    Argument("source_key", _TEXT, "private key for the source, its text or path", secret=True),
    Argument("target_user", _TEXT, "name at the target"),
    Argument("target_password", _TEXT, "password at the target", secret=True),
    Argument("target_key", _TEXT, "private key for the target, its text or path", secret=True),
    Argument("known_hosts", _TEXT, "accepted host keys, as text or path; else the agent's own"),
    Argument("ca_file", _TEXT, "certificates that ftps:// trusts instead of the machine's own"),
    Argument(
        "timeout",
        _NUMBER,
        "seconds after which a silent connection is given up",
        default=60,
        positive=True,
    ),
)

_SSH = (
    Argument("host", _TEXT, "the machine to run the command at", required=True),
    Argument("command", _TEXT, "what the shell of that machine is given", required=True),
    Argument("user", _TEXT, "name at that machine, else that of the agent"),
    Argument("port", _WHOLE, "port of the SSH server", default=22, positive=True),
    Argument("key", _TEXT, "private key, its text or path", secret=True),
    Argument("passphrase", _TEXT, "what opens the private key", secret=True),
    Argument("password", _TEXT, "password at that machine", secret=True),
    Argument("known_hosts", _TEXT, "accepted host keys, as text or path; else the agent's own"),
    Argument("env", _MAP, "environment of the command, where the server accepts it"),
    Argument(
        "timeout",
        _NUMBER,
        "seconds after which connecting is given up",
        default=60,
        positive=True,
    ),
)

_CELERY_TASK = (
    Argument("broker_url", _TEXT, "broker of the other application", required=True, secret=True),
    Argument("task", _TEXT, "name of the task, as in shop.tasks.close_day", required=True),
    Argument("args", _LIST, "its positional arguments"),
    Argument("kwargs", _MAP, "its arguments by name"),
    Argument("queue", _TEXT, "the queue to send it to, else that application's own"),
    Argument(
        "result_backend",
        _TEXT,
        "where the result is kept; without it the job ends once the task is sent",
        secret=True,
    ),
    Argument("result_variable", _TEXT, "the variable that gets the result", default="result"),
    Argument(
        "timeout", _NUMBER, "seconds to wait for the result; none: without end", positive=True
    ),
)

BUILT_IN: Mapping[str, Mapping[str, Argument]] = {
    kind: {argument.name: argument for argument in arguments}
    for kind, arguments in (
        ("Http", _HTTP),
        ("Sql", _SQL),
        ("FileTransfer", _FILE_TRANSFER),
        ("Ssh", _SSH),
        ("CeleryTask", _CELERY_TASK),
    )
}
"""The arguments of each kind of built-in job, by name."""

EXCLUSIVE: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "Http": (("body", "json", "form"), ("password", "token")),
}
"""Arguments of a kind of which at most one can be given."""
