"""What an all-in-one start runs, as values."""

import argparse
from pathlib import Path

import pytest

from cockpit import allinone_plan as plan
from cockpit.allinone import add_arguments, options_from
from cockpit.allinone_plan import Ground, Options
from cockpit.allinone_steps import NotPossible, from_environment

SECRETS = {
    "DATABASE_URL": "postgresql://secret",
    "DATABASE_URL_FILE": "/secret",
    "BROKER_URL": "redis://b",
    "CHANNEL_URL": "redis://c",
    "STELLWERK_SECRET_KEY": "secret",
    "STELLWERK_ADMIN_PASSWORD": "secret",
    "DJANGO_SETTINGS_MODULE": "cockpit.settings",
}
MACHINE = {
    "PATH": "/bin",
    "LANG": "C.UTF-8",
    "STELLWERK_AGENT_PROCESSES": "4",
    "STELLWERK_CONTROLLER_ID": "c",
}
GROUND = Ground("/py", Path("/srv"), Path("/srv/var"), {**SECRETS, **MACHINE})


def parsed(*words: str) -> Options:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return options_from(parser.parse_args(words))


def test_one_of_each_is_started_unless_more_is_asked_for() -> None:
    assert parsed() == Options()
    more = parsed("--agents", "2", "--controllers=3", "--cockpits=2", "--port=9000", "--demo")
    assert more == Options(port=9000, agents=2, controllers=3, cockpits=2, demo=True)
    assert list(more.ports) == [9000, 9001]


@pytest.mark.parametrize("words", ["--port=0", "--agents=-1", "--controllers=0", "--cockpits=0"])
def test_a_number_out_of_range_is_refused_by_name(words: str) -> None:
    with pytest.raises(NotPossible, match=words.split("=")[0]):
        parsed(words)


def test_names_ports_and_ids_are_the_ones_that_scripts_rely_on(tmp_path: Path) -> None:
    (tmp_path / "manage.py").touch()
    ground = Ground("/py", tmp_path, tmp_path / "var", dict(SECRETS))
    options = Options(cockpits=2, controllers=2, agents=2)
    manage = ["/py", f"{tmp_path}/manage.py"]
    assert [child.command for child in plan.cockpits(options, ground)] == [
        [*manage, "cockpit", "--member", "cockpit-1", "--port", "8000"],
        [*manage, "cockpit", "--member", "cockpit-2", "--port", "8001"],
    ]
    assert [child.command for child in plan.controllers(options, ground)] == [
        [*manage, "controller", "--id", "controller", "--node", "controller-1"],
        [*manage, "controller", "--id", "controller", "--node", "controller-2"],
    ]
    assert [child.command for child in plan.agents(options, ground, {})] == [
        ["/py", "-m", "agents.worker", "--id", "agent-1"],
        ["/py", "-m", "agents.worker", "--id", "agent-2"],
    ]


def test_an_installed_package_without_manage_py_works_too(tmp_path: Path) -> None:
    ground = Ground("/py", tmp_path, tmp_path, {})
    assert plan.manage(ground, "migrate") == ["/py", "-m", "django", "migrate"]


def test_an_agent_sees_no_store_and_no_keys() -> None:
    assert plan.agent_environment(GROUND, "agent-1", None) == {
        **MACHINE,
        "STELLWERK_AGENT_ID": "agent-1",
        "STELLWERK_HOME": "/srv/var/agents/agent-1",
        "BROKER_URL": "redis://b",
    }


def test_only_an_agent_that_joins_gets_a_token() -> None:
    first, second = plan.agents(Options(agents=2), GROUND, {"agent-2": "once"})
    assert "STELLWERK_JOIN_TOKEN" not in first.environment
    assert second.environment["STELLWERK_JOIN_TOKEN"] == "once"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/"),
        ("0.0.0.0", "http://127.0.0.1:8000/"),
        ("::", "http://[::1]:8000/"),
        ("work.example", "http://work.example:8000/"),
    ],
)
def test_the_address_can_be_opened_on_this_machine(host: str, address: str) -> None:
    assert Options(host=host).address == address


def test_a_variable_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("redis://file\n")
    inside = {"BROKER_URL_FILE": str(tmp_path / "url")}
    assert from_environment(inside, "BROKER_URL") == "redis://file"
    assert from_environment({"BROKER_URL": "redis://x", **inside}, "BROKER_URL") == "redis://x"
    assert from_environment({}, "BROKER_URL") is None
