"""The demo's backup on a real embedded PostgreSQL: proven, and found out where it is not good."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from cockpit.embedded.parts import running_parts
from tests.unit.demo.demo_jobs import DemoRun

SERVER = ("PROGRAMS", "SOCKET", "PASSWORD_FILE", "RUN", "SCRATCH")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    home = tmp_path_factory.mktemp("demo") / "home"
    with running_parts(home) as urls:
        with psycopg.connect(urls.database_url, autocommit=True) as session:
            session.execute("create table stock (id bigserial primary key, body bytea, said text)")
            session.execute(
                "insert into stock (body, said) select int8send(n), repeat(chr(9), 3) || n"
                " from generate_series(1, 2000) n"
            )
        yield home, urls.database_url


def found(home: Path) -> DemoRun:
    job = home / "agents" / "agent-1"
    job.mkdir(parents=True, exist_ok=True)
    run = DemoRun("back-up", job)
    run.run("find")
    assert run.values["found"] == "yes"
    return run


def env_of(run: DemoRun) -> dict[str, str]:
    return {name: run.values[name.lower()] for name in SERVER}


def databases(url: str) -> list[str]:
    with psycopg.connect(url) as session:
        return [name for (name,) in session.execute("select datname from pg_database")]


def test_a_backup_is_restored_compared_and_cleaned_up(installation: tuple[Path, str]) -> None:
    home, url = installation
    run = found(home)
    said = [run.run(job, **env_of(run)) for job in ("dump", "restore", "compare", "digest")]
    assert run.values["scratch"] in databases(url)
    said += [run.run("drop-scratch", **env_of(run))]
    said += [run.run("prune", AREA=run.values["area"], KEEP=1)]
    said += [run.run("report", RUN=run.values["run"], BYTES=1, TABLES=1, LINES_=1, SHA256="x")]

    assert int(run.values["tables"]) == 1
    assert int(run.values["lines"]) > 2000
    assert len(run.values["sha256"]) == 64
    assert run.values["scratch"] not in databases(url)
    left = sorted(file.name for file in Path(run.values["run"]).iterdir())
    assert left == ["SHA256SUMS", "contents.txt", "stellwerk.dump"]
    password = (home / "postgres.password").read_text().strip()
    assert password not in "".join(said)
    assert password not in "".join(run.values.values())


def test_a_restore_that_lost_a_row_is_found_out(installation: tuple[Path, str]) -> None:
    home, url = installation
    run = found(home)
    for job in ("dump", "restore"):
        run.run(job, **env_of(run))
    scratch = run.values["scratch"]
    with psycopg.connect(url, dbname=scratch, autocommit=True) as session:
        session.execute("delete from stock where id = 1000")

    told = run.ended("compare", 1, **env_of(run))
    assert "What was restored is not what was backed up" in told
    run.run("drop-scratch", **env_of(run))
    assert scratch not in databases(url)


def test_a_torn_backup_is_not_restored(installation: tuple[Path, str]) -> None:
    home, _ = installation
    run = found(home)
    run.run("dump", **env_of(run))
    dump = Path(run.values["run"]) / "stellwerk.dump"
    dump.write_bytes(dump.read_bytes()[:-2000])

    run.ended("restore", 1, **env_of(run))
    run.run("drop-scratch", **env_of(run))


def test_only_a_scratch_database_is_ever_dropped(installation: tuple[Path, str]) -> None:
    home, url = installation
    run = found(home)
    told = run.ended("drop-scratch", 1, **{**env_of(run), "SCRATCH": "stellwerk"})
    assert "is no scratch database" in told
    assert "stellwerk" in databases(url)
