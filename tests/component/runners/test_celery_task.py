"""CeleryTask against another application: a worker over Valkey in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cockpit.embedded import Urls
from tests.component.runners.running import Ran, run

APPLICATION = """
import os
from celery import Celery

app = Celery("shop", broker=os.environ["SHOP"], backend=os.environ["SHOP"])
app.conf.task_default_queue = "shop-default"

@app.task(name="shop.add")
def add(a, b=0):
    return {"sum": a + b}

@app.task(name="shop.fail")
def fail():
    raise ValueError("no stock")
"""


@pytest.fixture(scope="module")
def shop(parts: Urls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the broker of an application that works."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.py").write_text(APPLICATION)
    url = f"{parts.broker_url.partition('?')[0]}?virtual_host=7"
    words = "celery -A shop worker -P solo -Q shop-day --without-gossip --without-mingle"
    worker = subprocess.Popen(
        [sys.executable, "-m", *words.split()],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "SHOP": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield url
    worker.terminate()
    worker.wait(20)


def call(shop: str, folder: Path, **given: Any) -> Ran:
    """Return what a call left."""
    return run("CeleryTask", folder, broker_url=shop, queue="shop-day", timeout=30, **given)


def test_the_result_of_a_task_becomes_a_return_value(shop: str, tmp_path: Path) -> None:
    given = {"args": [1], "kwargs": {"b": 2}, "result_backend": shop, "result_variable": "sums"}
    left = call(shop, tmp_path, task="shop.add", **given)
    assert left.code == 0, left.err
    assert left.values["sums"] == {"sum": 3}
    assert left.values["task_id"] in left.out


def test_a_task_that_fails_fails_the_job_with_its_traceback(shop: str, tmp_path: Path) -> None:
    left = call(shop, tmp_path, task="shop.fail", result_backend=shop)
    assert left.code == 1
    assert "ValueError: no stock" in left.err


def test_without_a_backend_the_job_ends_once_the_task_is_sent(shop: str, tmp_path: Path) -> None:
    left = call(shop, tmp_path, task="shop.add", args=[1])
    assert left.code == 0, left.err
    assert set(left.values) == {"task_id"}


def test_a_result_that_does_not_come_fails_the_job(shop: str, tmp_path: Path) -> None:
    given = {"queue": "nobody-reads-this", "timeout": 1, "task": "shop.add", "args": [1]}
    left = run("CeleryTask", tmp_path, broker_url=shop, result_backend=shop, **given)
    assert left.code == 1
    assert "No result came within 1 s" in left.err


def test_a_result_store_that_is_not_there_is_a_sentence(shop: str, tmp_path: Path) -> None:
    nobody = "redis://127.0.0.1:9/0"
    left = call(shop, tmp_path, task="shop.add", args=[1], result_backend=nobody)
    assert (left.code, left.out) == (1, "")
    (told,) = left.err.splitlines()
    assert told.startswith("The result store does not answer: ")
    assert "refused" in told


def test_a_broker_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    left = run("CeleryTask", tmp_path, broker_url="redis://127.0.0.1:9/0", task="x")
    assert left.code == 1
    assert "did not take the task" in left.err


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"broker_url": "rediss3://a:secret@b"},
            'broker_url: "rediss3" is not known here, or its library is not installed.',
        ),
        (
            {"broker_url": "memory://", "result_backend": "sqlight://a"},
            'result_backend: "sqlight" is not known here, or its library is not installed.',
        ),
        ({"broker_url": "memory://", "result_backend": "a"}, "result_backend: This is no URL."),
        (
            {"broker_url": "redis://a:secret/0"},
            "broker_url: This is no URL that can be used.",
        ),
        (
            {"broker_url": "memory://", "result_backend": "redis://a:secret/0"},
            "result_backend: This is no URL that can be used.",
        ),
    ],
)
def test_a_url_that_cannot_be_used_is_a_sentence_without_its_secrets(
    given: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    left = run("CeleryTask", tmp_path, task="shop.add", **given)
    assert (left.code, left.out, left.err.strip()) == (1, "", sentence)
