"""The file as people write it: read strictly, refused with file and key, no secret repeated."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdmcore.errors import ConfigError
from mdmcore.mitm.configuration import read_configuration
from mdmcore.mitm.configuration.schema import Configuration
from mdmcore.toml_text import MAX_FILE_BYTES


def read(folder: Path, text: str) -> Configuration:
    path = folder / "emulate.toml"
    path.write_text(text, encoding="utf-8")
    return read_configuration(path)


def problem(folder: Path, text: str) -> str:
    """What is said of it behind the file's name."""
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    said = str(caught.value)
    prefix = f"{folder / 'emulate.toml'}: "
    assert said.startswith(prefix)
    assert "\n" not in said
    return said.removeprefix(prefix)


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "# nothing\n") == Configuration()


def test_relative_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '[server]\nstate = "s"\n[authority]\nca = ["a.pem", "/b.pem"]\npassword_file = "p"\n'
        '[hub]\npackage = "x/hub.xap"\naetx = "../y.aetx"\n',
    )
    assert found.server.state == str(tmp_path / "s")
    assert found.authority.ca == (str(tmp_path / "a.pem"), "/b.pem")
    assert found.authority.password_file == str(tmp_path / "p")
    assert found.hub.package == str(tmp_path / "x" / "hub.xap")
    assert found.hub.aetx == str(tmp_path / ".." / "y.aetx")


def test_the_home_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    found = read(tmp_path, '[server]\nstate = "~/s"\n')
    assert found.server.state == str(tmp_path / "home" / "s")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "$.x: no such key"),
        ("[server]\nprovider = 'x'", "$.server.provider: no such key"),
        ("[provisioning.poll]\nfirst_retry = 1", "$.provisioning.poll.first_retry: no such key"),
        (
            "[provisioning.poll]\nfirst_retries = 'ten'",
            "$.provisioning.poll.first_retries: expected `int`, got `str`",
        ),
        (
            "[provisioning.poll]\nfirst_retries = true",
            "$.provisioning.poll.first_retries: expected `int`, got `bool`",
        ),
        (
            "[provisioning.poll]\nfirst_retries = -1",
            "$.provisioning.poll.first_retries: expected `int` >= 0",
        ),
        ("[server]\nusers = [{ name = 'a' }]", "$.server.users[0].password: missing"),
        ("[server]\nusers = [{ name = '', password = 'x' }]", "$.server.users[0].name: expected"),
        ("[server]\nprofile = 'wp7'", "$.server.profile: use auto or win10 or win81 or wp8 or"),
        (
            "[server]\nauth_policies = ['OnPremise', 'Certificate']",
            "$.server.auth_policies[1]: use Federated or OnPremise",
        ),
        ("[server]\ndomains = 'a.test'", "$.server.domains: expected `array`, got `str`"),
        ("server = 1", "$.server: expected `object`, got `int`"),
        ("[server", "not TOML: "),
        ("a = 1\na = 2", "not TOML: "),
        ("x = " + "[" * 5000, "not TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    assert problem(tmp_path, text).startswith(said)


@pytest.mark.parametrize(
    "text",
    [
        "[server]\nusers = [{ name = 'a', password = 'hunter2', role = 1 }]",
        "[server]\nusers = ['a:hunter2']",
        "[server]\naccounts = [{ name = 'a', secret = 'hunter2', scheme = 'sha1' }]",
        "[server]\naccounts = [{ name = 'a', secret = 'hunter2', scheme = 'hunter2' }]",
        "[server]\njwt = 'hunter2'",
        "[authority]\npassword = 'hunter2'",
    ],
)
def test_no_secret_is_repeated(tmp_path: Path, text: str) -> None:
    assert "hunter2" not in problem(tmp_path, text)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.toml: no such file"):
        read_configuration(tmp_path / "gone.toml")
    with pytest.raises(ConfigError, match="is a directory"):
        read_configuration(tmp_path)
    path = tmp_path / "emulate.toml"
    path.write_bytes(b"# \xff")
    with pytest.raises(ConfigError, match="not UTF-8 at offset 2"):
        read_configuration(path)
    path.write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    with pytest.raises(ConfigError, match="more than"):
        read_configuration(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("[]{}=\"'\n., server users ca 12 true"), max_size=60))
def test_hostile_files_end_in_one_kind_of_error(tmp_path: Path, text: str) -> None:
    try:
        read(tmp_path, text)
    except ConfigError as error:
        said = str(error)
    else:
        said = "emulate.toml"
    assert "emulate.toml" in said
