"""Watching a real directory look by look, with a clock that a test moves."""

from pathlib import Path

from agents.worker.watching.finding import Finding, Wanted
from agents.worker.watching.watch import Watch


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


class Watching:
    """One watch without a thread: a test lets it look."""

    def __init__(self, directory: Path, *, roots: tuple[str, ...] = (), **fields: object) -> None:
        self.clock = Clock()
        self.found: list[Finding] = []
        wanted = Wanted("s", 1, str(directory), None, 2, {})
        for name, value in fields.items():
            wanted = replaced(wanted, name, value)
        self.watch = Watch(wanted, self._take, roots=roots, clock=self.clock)

    def _take(self, finding: Finding) -> bool:
        self.found.append(finding)
        return True

    def look(self, after_s: float = 0.0) -> "Watching":
        """Let time pass and look."""
        self.clock.now_s += after_s
        self.watch.turn()
        return self

    def arose(self) -> list[str]:
        """Return the names that have arisen, and forget them."""
        names = [file.name for finding in self.found for file in finding.arose]
        self.found = [f for f in self.found if not f.arose]
        return sorted(names)

    def vanished(self) -> list[str]:
        """Return the names that have vanished, and forget them."""
        names = [name for finding in self.found for name in finding.vanished]
        self.found = [f for f in self.found if not f.vanished]
        return sorted(names)

    def problem(self) -> str | None:
        """Return the problem that was told last."""
        told = [f.problem for f in self.found if f.problem is not None]
        return told[-1] if told else None

    def stop(self) -> None:
        self.watch.stop()


def replaced(wanted: Wanted, name: str, value: object) -> Wanted:
    fields = {f: getattr(wanted, f) for f in Wanted.__struct_fields__}
    return Wanted(**{**fields, name: value})
