"""What nobody expected is in the log, under the request id that the answer names."""

import logging
import re
from typing import NoReturn

import pytest
from django.conf import settings
from django.test import Client
from django.utils.log import configure_logging

from agents.log_lines import FactLines


class Unforeseen(Exception):
    """Nobody expects this."""


def _fails(*_: object, **__: object) -> NoReturn:
    raise Unforeseen("once")


def _only(caplog: pytest.LogCaptureFixture, event: str) -> logging.LogRecord:
    (record,) = (one for one in caplog.records if one.getMessage() == event)
    return record


def test_a_page_that_fails_is_logged_with_the_request_id_that_it_shows(
    owner: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("cockpit.pages.verbs.chosen_in", _fails)
    response = owner.get("/orders/-/cancel/")
    assert response.status_code == 500
    (shown,) = re.findall(r"request ([0-9a-f]+)", response.content.decode())
    line = FactLines().format(_only(caplog, "request.failed"))
    assert f"request_id='{shown}' path='/orders/-/cancel/'" in line
    assert "Unforeseen: once" in line


def test_an_api_request_that_fails_is_logged_with_the_request_id_that_it_answers(
    owner: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("cockpit.api.resources.boards.board_page", _fails)
    response = owner.get("/api/v1/boards/")
    assert response.status_code == 500
    line = FactLines().format(_only(caplog, "api.failed"))
    assert f"request_id='{response.json()['request_id']}' path='/api/v1/boards/'" in line
    assert "Unforeseen: once" in line


def test_a_probe_that_is_answered_503_writes_nothing_into_the_log_however_often_django_is_set_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    assert Client().get("/health/leader").status_code == 503
    assert not caplog.records
