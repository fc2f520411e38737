"""The demo's workflows are good, run on one agent, and their scripts do what they say."""

import gzip
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from inventory.check import examine
from inventory.known import known_names
from tests.missing import missing_part
from tests.unit.demo.demo_jobs import DEMO, DemoRun, agents_of, contents

WORKFLOWS = sorted(path.name.split(".")[0] for path in DEMO.glob("*.workflow.yaml"))

LISTS = [
    job
    for job, program in (("list-dpkg", "dpkg-query"), ("list-rpm", "rpm"))
    if shutil.which(program)
] or ["list-dpkg"]


def home_in(folder: Path) -> tuple[Path, Path]:
    """Return the home of an installation and a job's folder in it."""
    home = folder / "home"
    job = home / "agents" / "agent-1" / "jobs"
    job.mkdir(parents=True)
    (home / "running.lock").touch()
    (home / "logs").mkdir()
    return home, job


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_has_no_problem_and_needs_one_agent(name: str) -> None:
    source = (DEMO / f"{name}.workflow.yaml").read_text()
    assert examine("workflow", source, known_names()).frozen.problems == ()
    assert agents_of(name) == {"agent-1"}


def test_all_four_are_there_with_what_they_name() -> None:
    assert WORKFLOWS == ["back-up", "measure-folders", "rotate-logs", "take-stock"]
    for kind, names in (("lock", ["disk"]), ("noticeboard", ["folders-measured", "report-agreed"])):
        files = sorted(DEMO.glob(f"*.{kind}.yaml"))
        assert [path.name.split(".")[0] for path in files] == names
        for path in files:
            assert examine(kind, path.read_text(), known_names()).frozen.problems == ()


def test_folders_are_measured_and_reported(tmp_path: Path) -> None:
    home, job = home_in(tmp_path)
    folder = tmp_path / "some"
    folder.mkdir()
    (folder / "file").write_bytes(b"x" * 5_000)
    run = DemoRun("measure-folders", job)
    run.run("measure", MEASURED=folder, SECONDS_AT_LEAST="0")
    assert run.values["files"] == "1"
    assert int(run.values["bytes"]) >= 5_000
    run.run("report", FOLDERS="some", FILES="[1]", BYTES=f"[{run.values['bytes']}]")
    report = Path(run.values["report"])
    assert report.parent == home / "demo" / "folders"
    assert "1 files" in report.read_text()


def take(run: DemoRun, folder: Path) -> None:
    run.run("look", ORDER="#2026-03-02#T1-stock", PRODUCT_HOME="")
    work = run.values["work"]
    run.run("list-nothing", WORK=work, WHAT="system")
    run.run("list-nothing", WORK=work, WHAT="python")
    run.run("checksum", WORK=work, FOLDER=folder, SAMPLE="100", PACE="0")
    run.run("load", WORK=work, AREA=run.values["area"], ORDER="o")


def test_stock_is_taken_into_the_installation_and_changes_are_found(tmp_path: Path) -> None:
    home, job = home_in(tmp_path)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("one", "two", "b\udcffd"):
        (programs / name).write_text(name, errors="surrogateescape")
    run = DemoRun("take-stock", job)

    take(run, programs)
    assert (run.values["rows"], run.values["changes"]) == ("3", "0")
    (programs / "two").write_text("changed")
    (programs / "one").unlink()
    take(run, programs)

    assert (run.values["taking"], run.values["changes"]) == ("2", "2")
    told = run.run("changes", WORK=run.values["work"])
    assert [line.split()[:2] for line in told.splitlines()] == [
        ["programs", "one"],
        ["programs", "two"],
    ]
    with closing(sqlite3.connect(home / "demo" / "stock" / "stock.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM thing").fetchone() == (5,)
    report = run.run("report", TAKING=2, CHANGES=2, SYSTEM=0, PYTHON=0, PROGRAMS=2)
    assert "programs                  2" in report
    assert contents(programs) == {"two": b"changed", "b\udcffd": b"b\xff" + b"d"}


@pytest.mark.parametrize("job", LISTS)
def test_packages_of_the_system_are_listed(tmp_path: Path, job: str) -> None:
    run = DemoRun("take-stock", tmp_path)
    run.run(job, WORK=tmp_path)
    lines = (tmp_path / "system.tsv").read_text().splitlines()
    assert len(lines) == int(run.values["rows"]) > 0
    assert all(len(line.split("\t")) == 2 for line in lines)


def test_packages_of_python_are_listed(tmp_path: Path) -> None:
    run = DemoRun("take-stock", tmp_path)
    run.run("look", PRODUCT_HOME=str(tmp_path))
    if run.values["pip"] != "yes":
        missing_part("pip of python3")
    run.run("list-pip", WORK=tmp_path)
    lines = (tmp_path / "python.tsv").read_text().splitlines()
    assert len(lines) == int(run.values["rows"]) > 0
    assert all(len(line.split("\t")) == 2 for line in lines)


def test_outside_of_an_installation_stock_has_a_private_folder(tmp_path: Path) -> None:
    run = DemoRun("take-stock", tmp_path)
    run.run("look")
    area = Path(run.values["area"])
    try:
        assert area.stat().st_mode & 0o777 == 0o700
        assert Path(run.values["work"]).parent == area
    finally:
        shutil.rmtree(area)


def archive(run: DemoRun, *, keep: int = 7) -> None:
    run.run("find", PRODUCT_HOME="")
    if run.values["files"] != "0":
        run.run("compress", RUN=run.values["run"])
        run.run("verify", RUN=run.values["run"], AREA=run.values["area"])
        run.run("prune", AREA=run.values["area"], KEEP=keep)


def test_logs_are_archived_bit_by_bit_and_never_touched(tmp_path: Path) -> None:
    home, job = home_in(tmp_path)
    log = home / "logs" / "agent-1.log"
    log.write_text("one\n" * 1000)
    (home / "logs" / "link.log").symlink_to("/etc/passwd")
    run = DemoRun("rotate-logs", job)

    archive(run)
    first = Path(run.values["run"])
    with log.open("a") as out:
        out.write("two\n")
    archive(run)
    second = Path(run.values["run"])

    assert gzip.decompress((first / "agent-1.log.gz").read_bytes()) == b"one\n" * 1000
    assert gzip.decompress((second / "agent-1.log.gz").read_bytes()) == b"two\n"
    assert sorted(path.name for path in first.iterdir()) == ["agent-1.log.gz", "plan.json"]
    assert log.read_text() == "one\n" * 1000 + "two\n"
    archive(run)
    assert run.values["files"] == "0"


def test_a_log_that_was_made_anew_is_taken_from_its_begin(tmp_path: Path) -> None:
    home, job = home_in(tmp_path)
    log = home / "logs" / "postgres.log"
    log.write_text("long and old\n")
    run = DemoRun("rotate-logs", job)
    archive(run)
    log.write_text("new\n")
    archive(run, keep=1)

    newest = Path(run.values["run"])
    assert gzip.decompress((newest / "postgres.log.gz").read_bytes()) == b"new\n"
    kept = [path.name for path in newest.parent.iterdir() if path.is_dir()]
    assert kept == [newest.name]


def test_a_bad_archive_is_found_and_cleared_and_taken_again(tmp_path: Path) -> None:
    home, job = home_in(tmp_path)
    (home / "logs" / "a.log").write_text("text\n")
    run = DemoRun("rotate-logs", job)
    run.run("find")
    run.run("compress", RUN=run.values["run"])
    good = Path(run.values["run"]) / "a.log.gz"
    good.write_bytes(gzip.compress(b"other\n"))

    assert "a.log" in run.ended("verify", 1, RUN=run.values["run"], AREA=run.values["area"])
    run.run("clear", RUN=run.values["run"], AREA=run.values["area"])
    assert not good.parent.exists()
    run.run("find")
    assert run.values["files"] == "1"


@pytest.mark.parametrize("target", ["", "/", "..", "/../logs"])
def test_clearing_removes_nothing_but_an_archive(tmp_path: Path, target: str) -> None:
    home, job = home_in(tmp_path)
    area = home / "demo" / "log-archive"
    area.mkdir(parents=True)
    before = contents(tmp_path)
    DemoRun("rotate-logs", tmp_path).ended("clear", 1, RUN=f"{area}{target}", AREA=area)
    assert all(folder.is_dir() for folder in (home, job, area))
    assert set(before) <= set(contents(tmp_path))


@pytest.mark.parametrize("name", ["rotate-logs", "back-up"])
def test_outside_of_an_installation_a_job_says_what_it_needs(tmp_path: Path, name: str) -> None:
    told = DemoRun(name, tmp_path).ended("find", 1)
    assert "give its folder as the variable home" in told


def test_without_an_embedded_database_the_backup_says_so(tmp_path: Path) -> None:
    _, job = home_in(tmp_path)
    run = DemoRun("back-up", job)
    run.run("find")
    assert run.values == {"found": "no"}


def test_the_first_workflow_of_the_documentation_is_good() -> None:
    page = (DEMO.parent / "docs" / "howto" / "first-workflow.md").read_text()
    source = page.split("```yaml\n")[1].split("```")[0]
    assert examine("workflow", source, known_names()).frozen.problems == ()
