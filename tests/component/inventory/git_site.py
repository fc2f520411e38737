"""A bare repository, and a colleague who works in it with git as everybody does."""

import os
import subprocess
from pathlib import Path


class Colleague:
    """Somebody with a working copy of a repository that lies in a folder."""

    def __init__(self, folder: Path) -> None:
        self.origin = folder / "origin.git"
        self.copy = folder / "copy"
        self._git("init", "--quiet", "--bare", "--initial-branch=main", str(self.origin))
        self._git("clone", "--quiet", str(self.origin), str(self.copy))

    def commit(self, files: dict[str, str | None], message: str = "more") -> str:
        """Change files, None removes one, and push; returns the commit."""
        for name, text in files.items():
            file = self.copy / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                file.unlink()
            else:
                file.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        self.git("push", "--quiet", "origin", "HEAD:main")
        return self.git("rev-parse", "HEAD")

    def pull(self) -> None:
        """Bring in what others have pushed."""
        self.git("fetch", "--quiet", "origin")
        self.git("reset", "--quiet", "--hard", "origin/main")

    def git(self, *words: str) -> str:
        """Run git in the working copy."""
        return self._git("-C", str(self.copy), *words)

    def _git(self, *words: str) -> str:
        names = {"GIT_AUTHOR_NAME": "carl", "GIT_AUTHOR_EMAIL": "carl@example.com",
                 "GIT_COMMITTER_NAME": "carl", "GIT_COMMITTER_EMAIL": "carl@example.com",
                 "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
                 "PATH": os.environ["PATH"]}  # fmt: skip
        settings = ["-c", "init.defaultBranch=main"]
        done = subprocess.run(
            ["git", *settings, *words], env=names, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()
