"""The program git as a subprocess over a bare clone: nothing is ever checked out.

So neither hooks nor filters nor links of a repository can act here. No shell, no prompt, no
settings of the machine; only the schemes that are allowed; a limit in time. Knows no inventory.
"""

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import msgspec

from inventory.repositories.address import Address, GitRules
from inventory.repositories.credentials import FOLDER, KNOWN_HOSTS, NO_CREDENTIALS, Credentials
from inventory.repositories.refusal import refuse

LARGEST_TOTAL = 256 * 1024 * 1024
MOST_FILES = 10_000
_LONGEST_TOLD = 600
_REMOTE = "refs/remotes/origin/"
_FILE_MODES = frozenset({"100644", "100755"})
_SETTINGS = {
    "core.hooksPath": os.devnull, "core.fsmonitor": "false", "core.askPass": "",
    "credential.helper": "", "http.followRedirects": "false", "transfer.fsckObjects": "true",
    "fetch.recurseSubmodules": "false", "gc.auto": "0", "maintenance.auto": "false",
    "protocol.ext.allow": "never", "http.lowSpeedLimit": "1000", "http.lowSpeedTime": "20",
}  # fmt: skip


class TreeFile(msgspec.Struct, frozen=True):
    """A file of a commit."""

    name: str
    blob: str
    size: int


class Clone(msgspec.Struct, frozen=True, kw_only=True):
    """A bare clone and the way to where it comes from; `pin` is the address to connect to."""

    folder: Path
    address: Address
    rules: GitRules
    credentials: Credentials = NO_CREDENTIALS
    pin: str = ""

    def fetch(self, branch: str) -> str:
        """Bring in the branch and return its commit, empty where there is none yet.

        Raises:
            RepositoryRefused: the repository cannot be reached or read.
        """
        if not (self.folder / "HEAD").exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._run("init", "--quiet", "--bare", "--template=", ".")
        ours = _REMOTE + branch
        heads = self._run("ls-remote", "--heads", "--", self.address.text, f"refs/heads/{branch}")
        if not heads.strip():
            self._run("update-ref", "-d", ours)
            return ""
        self._run(
            "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--force", "--",
            self.address.text, f"+refs/heads/{branch}:{ours}",
        )  # fmt: skip
        return self.commit(ours)

    def fetched(self, branch: str) -> str:
        """Return the commit that was brought in last, empty where there is none."""
        return self.commit(_REMOTE + branch)

    def commit(self, name: str) -> str:
        """Return the whole id of a commit that is here, empty where it is not."""
        if not (self.folder / "HEAD").exists():
            return ""
        found = self._run("rev-parse", "--quiet", "--verify", f"{name}^{{commit}}", may_fail=True)
        return found.decode("ascii", "replace").strip()

    def contains(self, branch: str, commit: str) -> bool:
        """Tell whether a commit is on the branch."""
        words = ("merge-base", "--is-ancestor", commit, _REMOTE + branch)
        return self._ended(words).returncode == 0

    def files(self, commit: str, directory: str) -> list[TreeFile]:
        """Return the plain files of a commit below a directory; links and submodules are not."""
        if not commit:
            return []
        words = ["ls-tree", "-r", "-z", "-l", "--full-tree", commit]
        listed = self._run(*words, *(["--", f"{directory}/"] if directory else []))
        return [file for file in map(_tree_file, listed.split(b"\0")) if file is not None]

    def read(self, files: Sequence[TreeFile]) -> dict[str, bytes]:
        """Return the contents of files by name.

        Raises:
            RepositoryRefused: they are too many or too large.
        """
        if len(files) > MOST_FILES or sum(file.size for file in files) > LARGEST_TOTAL:
            sentence = f"It has more than {MOST_FILES} objects or {LARGEST_TOTAL} bytes."
            refuse("repository-large", sentence)
        asked = "".join(f"{file.blob}\n" for file in files).encode()
        given = self._run("cat-file", "--batch", given=asked)
        return dict(zip((file.name for file in files), _batch(given), strict=True))

    def write(self, content: bytes) -> str:
        """Keep a content and return the id of its blob."""
        found = self._run("hash-object", "-w", "--stdin", "--no-filters", given=content)
        return found.decode().strip()

    def make_commit(
        self, parent: str, changes: Mapping[str, str | None], *, message: str, author: str
    ) -> str:
        """Return a commit on top of another one; `changes` are blobs by file, None removes."""
        index = self.folder / f"index.{os.getpid()}"
        more = {"GIT_INDEX_FILE": str(index), **_names(author)}
        try:
            self._run("read-tree", *([parent] if parent else ["--empty"]), more=more)
            lines = b"".join(_index_line(name, blob) for name, blob in changes.items())
            self._run("update-index", "-z", "--index-info", given=lines, more=more)
            tree = self._run("write-tree", more=more).decode().strip()
            words = ["commit-tree", tree, *(["-p", parent] if parent else []), "-F", "-"]
            return self._run(*words, given=message.encode(), more=more).decode().strip()
        finally:
            index.unlink(missing_ok=True)

    def push(self, commit: str, branch: str) -> None:
        """Put a commit at the end of the branch, where nobody has been faster.

        Raises:
            RepositoryRefused: somebody was, or it is not allowed.
        """
        words = ("push", "--quiet", "--no-verify", "--", self.address.text,
                 f"{commit}:refs/heads/{branch}")  # fmt: skip
        done = self._ended(words)
        if done.returncode == 0:
            self._run("update-ref", _REMOTE + branch, commit)
            return
        if b"fetch first" in done.stderr or b"non-fast-forward" in done.stderr:
            refuse("push-behind", "The branch has moved on meanwhile: pull first.")
        self._refuse(done)

    def _run(
        self,
        *words: str,
        given: bytes = b"",
        more: Mapping[str, str] | None = None,
        may_fail: bool = False,
    ) -> bytes:
        done = self._ended(words, given, more)
        if done.returncode and not may_fail:
            self._refuse(done)
        return done.stdout

    def _ended(
        self, words: Sequence[str], given: bytes = b"", more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        try:
            child = subprocess.Popen(
                [shutil.which("git") or "git", *words], cwd=self.folder,
                env={**self._environment(), **(more or {})},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                start_new_session=True,
            )  # fmt: skip
        except FileNotFoundError:
            refuse("git-missing", "The program git is not installed here.")
        try:
            out, err = child.communicate(given, timeout=self.rules.timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
            refuse("git-slow", f"git has taken longer than {self.rules.timeout_s:g} s.")
        return subprocess.CompletedProcess(list(words), child.returncode, out, err)

    def _environment(self) -> dict[str, str]:
        settings = dict(_SETTINGS)
        if self.credentials.header:
            place = f"https://{self.address.host}:{self.address.port}/"
            settings[f"http.{place}.extraHeader"] = self.credentials.header
        if self.pin:
            host, port = self.address.host, self.address.port
            settings["http.curloptResolve"] = f"{host}:{port}:{self.pin}"
        found = {
            "PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder), "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_DIR": str(self.folder),
            "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": self.address.scheme,
            "GIT_SSH_COMMAND": shlex.join(self._ssh()), "SSH_ASKPASS_REQUIRE": "never",
            "GIT_NO_REPLACE_OBJECTS": "1", "GIT_CONFIG_COUNT": str(len(settings)),
        }  # fmt: skip
        for n, (name, value) in enumerate(settings.items()):
            found[f"GIT_CONFIG_KEY_{n}"], found[f"GIT_CONFIG_VALUE_{n}"] = name, value
        return found

    def _ssh(self) -> Iterator[str]:
        known = self.folder.parent.parent / FOLDER / KNOWN_HOSTS
        yield from ("ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes")
        yield from ("-o", f"UserKnownHostsFile={known}", "-o", "ForwardAgent=no")
        if self.credentials.key_file:
            yield from ("-i", self.credentials.key_file, "-o", "IdentitiesOnly=yes")
        if self.pin:
            yield from ("-o", f"HostName={self.pin}", "-o", f"HostKeyAlias={self.address.host}")

    def _refuse(self, done: subprocess.CompletedProcess[bytes]) -> NoReturn:
        said = done.stderr.decode(errors="replace")
        for secret in (self.credentials.header, self.credentials.key_file):
            said = said.replace(secret, "…") if secret else said
        said = " ".join("".join(c if c.isprintable() else " " for c in said).split())
        refuse("git-failed", f"git {done.args[0]}: {said[:_LONGEST_TOLD] or done.returncode}")


def _tree_file(line: bytes) -> TreeFile | None:
    head, _, name = line.partition(b"\t")
    parts = head.decode("ascii", "replace").split()
    if len(parts) != 4 or parts[0] not in _FILE_MODES:
        return None
    return TreeFile(name.decode("utf-8", "surrogateescape"), parts[2], int(parts[3]))


def _batch(given: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(given):
        end = given.index(b"\n", at)
        size = int(given[at:end].split()[-1])
        yield given[end + 1 : end + 1 + size]
        at = end + 1 + size + 1


def _index_line(name: str, blob: str | None) -> bytes:
    if blob is None:
        return f"0 {'0' * 40}\t{name}".encode() + b"\0"
    return f"100644 {blob}\t{name}".encode() + b"\0"


def _names(author: str) -> dict[str, str]:
    """Return who has written and who has kept a commit; names hold nothing that ends a header."""
    name = "".join(c for c in author if c.isprintable() and c not in "<>") or "somebody"
    email = "".join(c for c in name if c.isalnum() or c in "._-") + "@stellwerk.invalid"
    both = {"NAME": name, "EMAIL": email}
    return {
        f"GIT_{who}_{key}": value for who in ("AUTHOR", "COMMITTER") for key, value in both.items()
    }
