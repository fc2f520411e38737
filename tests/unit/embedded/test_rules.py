"""The decisions about embedded parts that need no process: places, identity, waits, words."""

import signal
from pathlib import Path

import pytest

from cockpit.embedded.identity import Identity, identity_for, launch
from cockpit.embedded.places import SOCKET_PATH_LIMIT, Places, places_of, runtime_folder
from cockpit.embedded.postgres import initdb_options
from cockpit.embedded.postgres_conf import SETTINGS, configuration, quoted
from cockpit.embedded.restart import LONGEST_DELAY_S, SETTLED_S, Restarts
from cockpit.embedded.valkey import Valkey, command_line


def places(home: str = "/srv/stellwerk", identity: Identity = Identity.OWN) -> Places:
    return places_of(Path(home), user_id=1000, identity=identity)


def test_sockets_lie_in_the_home_where_they_fit() -> None:
    assert runtime_folder(Path("/srv/stellwerk"), 1000) == Path("/srv/stellwerk/run")


@pytest.mark.parametrize("home", ["/srv/" + "deep/" * 30, "/srv/my home", "/srv/a,b", "/srv/ü"])
def test_a_home_too_long_or_odd_for_sockets_gets_a_short_folder_of_its_own(home: str) -> None:
    folder = runtime_folder(Path(home), 1000)
    assert len(str(folder / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_LIMIT
    assert folder.parent == Path("/tmp")
    assert folder == runtime_folder(Path(home), 1000)
    assert folder != runtime_folder(Path(home + "2"), 1000)
    assert folder != runtime_folder(Path(home), 1001)


def test_the_longest_home_that_fits_is_at_the_limit() -> None:
    fixed = len("/run/.s.PGSQL.5432.lock")
    fits = Path("/" + "h" * (SOCKET_PATH_LIMIT - fixed - 1))
    assert runtime_folder(fits, 0) == fits / "run"
    assert runtime_folder(Path(f"{fits}h"), 0).parent == Path("/tmp")


def test_nobody_gets_data_and_sockets_outside_the_home() -> None:
    mine = places(identity=Identity.NOBODY)
    assert not mine.postgres_data.is_relative_to(mine.home)
    assert not mine.postgres_runtime.is_relative_to(mine.home)
    assert mine.valkey_data.is_relative_to(mine.home)


@pytest.mark.parametrize(
    ("user_id", "allowed", "expected"),
    [
        (1000, True, Identity.OWN),
        (1000, False, Identity.OWN),
        (0, True, Identity.NAMESPACE),
        (0, False, Identity.NOBODY),
    ],
)
def test_only_root_needs_a_way_around(user_id: int, allowed: bool, expected: Identity) -> None:
    assert identity_for(user_id, namespace_is_allowed=allowed) is expected


def test_a_server_of_ones_own_is_run_without_a_launcher() -> None:
    assert launch(Identity.OWN, ["/bin/true"]) == ["/bin/true"]
    assert launch(Identity.OWN, ["/bin/true"], die_with=7)[-3:] == ["own", "7", "/bin/true"]
    assert launch(Identity.NOBODY, ["/bin/true"])[-3:] == ["nobody", "0", "/bin/true"]


def test_waits_double_up_to_a_limit_and_are_forgotten_once_settled() -> None:
    restarts, waits = Restarts(), []
    for _ in range(12):
        restarts = restarts.after(0.5)
        waits.append(restarts.delay_s)
    assert waits[:4] == [0.1, 0.2, 0.4, 0.8]
    assert waits[-1] == LONGEST_DELAY_S
    assert restarts.after(SETTLED_S).delay_s == 0.1
    assert Restarts().delay_s == 0.0


def test_valkey_keeps_every_message_and_opens_no_port() -> None:
    words = command_line(Path("/bin/valkey-server"), places())
    options = dict(zip(words[1::2], words[2::2], strict=True))
    assert options["--port"] == "0"
    assert options["--appendonly"] == "yes"
    assert options["--appendfsync"] == "everysec"
    assert options["--save"] == ""
    assert options["--maxmemory-policy"] == "noeviction"
    assert Valkey(places()).url == "redis+socket:///srv/stellwerk/run/valkey.sock"


def test_postgres_opens_no_port_and_does_not_lose_commits() -> None:
    assert SETTINGS["listen_addresses"] == ""
    assert SETTINGS["synchronous_commit"] == "on"
    text = configuration(Path("/srv/it's/run"))
    assert "unix_socket_directories = '/srv/it''s/run'" in text
    assert text.endswith("include_if_exists = 'own.conf'\n")
    assert quoted("a\\b") == "'a\\\\b'"


def test_the_data_folder_does_not_depend_on_the_locales_of_the_host() -> None:
    words = initdb_options(Path("/d"), Path("/w"))
    assert "--locale-provider=builtin" in words
    assert "--builtin-locale=C.UTF-8" in words
    assert "--auth=scram-sha-256" in words


def test_clean_ends_are_asked_for_by_the_signals_the_servers_know() -> None:
    assert Valkey.stop_signal is signal.SIGTERM
