"""Which repositories may be reached, and with which secret: nothing inside, nothing elsewhere."""

from pathlib import Path

import pytest

from inventory.errors import RepositoryRefused
from inventory.repositories.address import GitRules, address_of, pinned
from inventory.repositories.credentials import credentials_of
from inventory.repositories.git import Clone

RULES = GitRules()
OPEN = GitRules(schemes=("https", "ssh", "http"))


def code_of(text: str, rules: GitRules = RULES) -> str:
    with pytest.raises(RepositoryRefused) as refused:
        address_of(text, rules)
    return refused.value.problems[0].problem.code


@pytest.mark.parametrize(
    ("text", "scheme", "host", "port"),
    [
        ("https://git.example.com/team/jobs.git", "https", "git.example.com", 443),
        ("https://git.example.com:8443/jobs", "https", "git.example.com", 8443),
        ("ssh://git@git.example.com/jobs.git", "ssh", "git.example.com", 22),
        ("git@git.example.com:team/jobs.git", "ssh", "git.example.com", 22),
        ("https://[2001:db8::1]/jobs", "https", "[2001:db8::1]", 443),
    ],
)
def test_addresses_are_read(text: str, scheme: str, host: str, port: int) -> None:
    found = address_of(text, RULES)
    assert (found.scheme, found.host, found.port) == (scheme, host, port)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ext::sh -c touch% /tmp/x", "address-unusable"),
        ("ext::id", "scheme-refused"),
        ("ext::https://git.example.com/jobs", "scheme-refused"),
        ("fd::17", "scheme-refused"),
        ("http://git.example.com/jobs", "scheme-refused"),
        ("ftp://git.example.com/jobs", "scheme-refused"),
        ("git://git.example.com/jobs", "scheme-refused"),
        ("-upload-pack=id", "address-unusable"),
        ("--help", "address-unusable"),
        ("ssh://-oProxyCommand=id/jobs", "address-unusable"),
        ("-oProxyCommand=id:jobs", "address-unusable"),
        ("git@-oProxyCommand=id:jobs", "address-unusable"),
        ("ssh://-x@git.example.com/jobs", "address-unusable"),
        ("https://user:secret@git.example.com/jobs", "address-secret"),
        ("https://token@git.example.com/jobs", "address-secret"),
        ("https://git.example.com/jobs?x=1", "address-unusable"),
        ("https://git.example.com:99999/jobs", "address-unusable"),
        ("https://git.example.com/a b", "address-unusable"),
        ("https://git.example.com/$(id)", "address-unusable"),
        ("", "address-unusable"),
        ("/etc", "folder-refused"),
        ("file:///etc", "folder-refused"),
    ],
)
def test_what_could_do_harm_is_refused(text: str, code: str) -> None:
    assert code_of(text) == code


def test_local_folders_are_those_of_the_settings(tmp_path: Path) -> None:
    rules = GitRules(folders=(str(tmp_path / "git"),))
    assert address_of(str(tmp_path / "git/jobs.git"), rules).scheme == "file"
    assert code_of(str(tmp_path / "git/../elsewhere"), rules) == "folder-refused"
    (tmp_path / "git").mkdir()
    (tmp_path / "git/link").symlink_to("/etc")
    assert code_of(str(tmp_path / "git/link"), rules) == "folder-refused"


@pytest.mark.parametrize(
    "inside",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.9", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "224.0.0.1", "::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1",
     "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"],
)  # fmt: skip
def test_hosts_inside_are_refused_unless_the_settings_name_them(inside: str) -> None:
    address = address_of("https://git.example.com/jobs", RULES)
    with pytest.raises(RepositoryRefused, match="private address"):
        pinned(address, RULES, lambda host, port: ["93.184.216.34", inside])
    named = GitRules(hosts=("git.example.com",))
    assert pinned(address, named, lambda host, port: [inside]) == ""


def test_a_public_host_is_pinned_to_the_address_that_was_checked(tmp_path: Path) -> None:
    address = address_of("https://git.example.com/jobs", RULES)
    pin = pinned(address, RULES, lambda host, port: ["93.184.216.34"])
    clone = Clone(folder=tmp_path, address=address, rules=RULES, pin=pin)
    settings = clone._environment()
    assert "git.example.com:443:93.184.216.34" in settings.values()
    ssh = address_of("git@git.example.com:jobs", RULES)
    clone = Clone(folder=tmp_path, address=ssh, rules=RULES, pin=pin)
    assert "HostName=93.184.216.34" in clone._environment()["GIT_SSH_COMMAND"]


def test_only_hosts_of_the_settings_where_they_name_some() -> None:
    rules = GitRules(hosts=("git.example.com",))
    assert code_of("https://evil.example.com/jobs", rules) == "host-refused"
    assert address_of("https://git.example.com/jobs", rules).host == "git.example.com"


def test_git_is_told_to_ask_nobody_and_run_nothing(tmp_path: Path) -> None:
    address = address_of("https://git.example.com/jobs", RULES)
    found = Clone(folder=tmp_path, address=address, rules=RULES)._environment()
    assert found["GIT_TERMINAL_PROMPT"] == "0"
    assert found["GIT_ALLOW_PROTOCOL"] == "https"
    pairs = {found[f"GIT_CONFIG_KEY_{n}"]: found[f"GIT_CONFIG_VALUE_{n}"]
             for n in range(int(found["GIT_CONFIG_COUNT"]))}  # fmt: skip
    assert pairs["core.hooksPath"] == "/dev/null"
    assert pairs["protocol.ext.allow"] == "never"
    assert pairs["http.followRedirects"] == "false"


def credentials(home: Path, text: str, mode: int = 0o600) -> None:
    folder = home / "git-credentials"
    folder.mkdir(exist_ok=True)
    (folder / "jobs").write_text(text)
    (folder / "jobs").chmod(mode)


SECRET = "host=git.example.com\nusername=ann\npassword=hunter-two\n"


def test_a_secret_goes_to_its_own_host_only_and_is_never_shown(tmp_path: Path) -> None:
    credentials(tmp_path, SECRET)
    here = address_of("https://git.example.com/jobs", RULES)
    found = credentials_of("jobs", here, tmp_path)
    assert found.header.startswith("Authorization: Basic ")
    assert "hunter" not in repr(found)
    environment = Clone(
        folder=tmp_path, address=here, rules=RULES, credentials=found
    )._environment()
    assert "http.https://git.example.com:443/.extraHeader" in environment.values()
    elsewhere = address_of("https://evil.example.com/jobs", RULES)
    with pytest.raises(RepositoryRefused, match="for another host") as refused:
        credentials_of("jobs", elsewhere, tmp_path)
    assert "hunter" not in str(refused.value)


@pytest.mark.parametrize("name", ["none", "../site.key", "a/b", "known_hosts", ".hidden", "x" * 80])
def test_credentials_that_are_none_are_refused(tmp_path: Path, name: str) -> None:
    credentials(tmp_path, SECRET)
    (tmp_path / "git-credentials/known_hosts").write_text("git.example.com ssh-ed25519 AAAA")
    (tmp_path / "site.key").write_text("host=git.example.com\npassword=x")
    address = address_of("https://git.example.com/jobs", RULES)
    with pytest.raises(RepositoryRefused, match="There are no credentials"):
        credentials_of(name, address, tmp_path)


def test_credentials_that_others_can_read_are_refused(tmp_path: Path) -> None:
    credentials(tmp_path, SECRET, 0o644)
    address = address_of("https://git.example.com/jobs", RULES)
    with pytest.raises(RepositoryRefused, match="open to others"):
        credentials_of("jobs", address, tmp_path)
