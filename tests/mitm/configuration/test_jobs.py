"""The jobs of a configuration file: their files, their values, and what is wrong with them."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from mdmcore.csp.recipes import Kind, Parameter, Recipe
from mdmcore.csp.recipes.model import in_profiles
from mdmcore.errors import ConfigError
from mdmcore.mitm.configuration import read_configuration, settings_of
from mdmcore.mitm.configuration.jobs import MAX_FILE_BYTES, beside, file_values, read_file
from mdmcore.server.planning import WantedJob
from mdmcore.syncml.model import Command, Item
from tests.support.requirements import CHECKOUT

EXAMPLES = CHECKOUT / "docs" / "examples"
RECIPE = Recipe(
    name="made-up",
    summary="For tests.",
    profiles=in_profiles("wp8"),
    build=lambda values, draft: (),
    source="-",
    parameters=(
        Parameter(name="xml", help="x", kind=Kind.XML, file="text"),
        Parameter(name="pfx", help="p", kind=Kind.BINARY, file="binary"),
        Parameter(name="name", help="n"),
    ),
)


def jobs_of(tmp_path: Path, text: str) -> tuple[WantedJob, ...]:
    file = tmp_path / "scenario.toml"
    file.write_text(text, encoding="utf-8")
    return settings_of(read_configuration(file), source=str(file)).jobs


def test_the_example_shows_every_kind_of_job() -> None:
    info, lock, send = settings_of(read_configuration(EXAMPLES / "scenario.toml")).jobs
    assert info == WantedJob(recipe="device-information", values=(("detail", "full"),))
    assert lock == WantedJob(recipe="lock", profiles=("wp81", "win10"))
    assert [command.name for command in send.commands] == ["Replace", "Get"]


def test_the_one_in_the_guide_works(tmp_path: Path) -> None:
    guide = (CHECKOUT / "docs" / "devices.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```toml\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    (tmp_path / "storage.xml").write_bytes((EXAMPLES / "scenario-storage.xml").read_bytes())
    lock, send = jobs_of(tmp_path, text)
    assert (lock.recipe, lock.profiles) == ("device-lock", ("wp8",))
    assert lock.values == (("min-length", "6"), ("history", "5"))
    assert len(send.commands) == 2


def test_a_file_is_found_beside_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "one.xml").write_text(
        "<Get><Item><Target><LocURI>./DevInfo/Man</LocURI></Target></Item></Get>"
    )
    (job,) = jobs_of(tmp_path, "[[jobs]]\nsyncml = 'one.xml'\nprofiles = ['wp8']\n")
    get = Command(name="Get", cmd_id="", items=(Item(target="./DevInfo/Man"),))
    assert (job.commands, job.profiles, job.is_forced) == ((get,), ("wp8",), False)


def test_what_the_catalogue_refuses_can_be_forced(tmp_path: Path) -> None:
    (tmp_path / "one.xml").write_text(
        "<Get><Item><Target><LocURI>/A</LocURI></Target></Item></Get>"
    )
    text = "[[jobs]]\nsyncml = 'one.xml'\n"
    with pytest.raises(ConfigError, match=r"scenario.toml: \$.jobs\[0\]: the LocURI '/A'"):
        jobs_of(tmp_path, text)
    (job,) = jobs_of(tmp_path, f"{text}force = true\n")
    assert job.is_forced


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "give one of recipe and syncml"),
        ("recipe = 'lock'\nsyncml = 'x'", "give one of recipe and syncml"),
        ("syncml = 'x'\nvalues = { a = 1 }", "values belong to a recipe"),
        ("syncml = 'x'", r"x: no such file"),
        ("recipe = 'lock'\nforce = true", "force is for syncml"),
        ("recipe = 'lokc'", "no recipe 'lokc'"),
        ("recipe = 'info'\nvalues = { detail = 'all' }", "detail must be"),
        ("recipe = 'info'\nvalues = { detail = 1 }", "detail must be"),
        (
            "recipe = 'info'\nvalues = { detail = true }",
            "detail must be one of basic, full, not 'yes'",
        ),
        ("recipe = 'lock'\nprofiles = ['wp81', 'wp8']", "lock is for wp81 and win10, not for wp8"),
    ],
)
def test_what_no_device_could_do_is_refused_at_the_start(
    tmp_path: Path, text: str, reason: str
) -> None:
    first = "[[jobs]]\nrecipe = 'unenroll'\n"
    with pytest.raises(ConfigError, match=rf"scenario.toml: \$.jobs\[1\]: .*{reason}"):
        jobs_of(tmp_path, f"{first}[[jobs]]\n{text}\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("recipe = 1", r"\$.jobs\[0\].recipe: "),
        ("values = { a = 1.5 }", r"\$.jobs\[0\].values"),
        ("profiles = ['wp7']", r"\$.jobs\[0\].profiles\[0\]: use win10 or win81 or wp8 or wp81"),
        ("recipes = 'lock'", r"\$.jobs\[0\].recipes: no such key"),
    ],
)
def test_a_wrong_key_is_named_by_its_place(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        jobs_of(tmp_path, f"[[jobs]]\n{text}\n")


def test_values_come_from_files_where_the_recipe_takes_one(tmp_path: Path) -> None:
    text, binary = tmp_path / "a.xml", tmp_path / "a.pfx"
    text.write_bytes(b"\xef\xbb\xbf<a>\xc3\xa4</a>")
    binary.write_bytes(b"\x00\xff")
    given = {"xml": f"@{text}", "pfx": f"@{binary}", "name": "@home", "other": "@x"}
    assert dict(file_values(RECIPE, given)) == {
        "xml": "<a>ä</a>",
        "pfx": base64.b64encode(b"\x00\xff").decode(),
        "name": "@home",
        "other": "@x",
    }
    assert dict(file_values(RECIPE, {"xml": "@@a", "name": "@@a"})) == {"xml": "@a", "name": "@@a"}
    with pytest.raises(ConfigError, match=r"xml: .*a.pfx: not UTF-8 at offset 1"):
        file_values(RECIPE, {"xml": f"@{binary}"})


def test_paths_are_relative_to_the_scenario() -> None:
    assert beside("@a.xml", lambda path: f"/there/{path}") == "@/there/a.xml"
    for value in ("@@a", "a", 1, True):
        assert beside(value, lambda path: f"/there/{path}") == value


def test_a_file_has_an_end(tmp_path: Path) -> None:
    file = tmp_path / "big"
    file.write_bytes(b"x" * MAX_FILE_BYTES)
    assert len(read_file(str(file))) == MAX_FILE_BYTES
    with file.open("ab") as more:
        more.write(b"x")
    with pytest.raises(ConfigError, match="more than 4194304 bytes are not read"):
        read_file(str(file))
    with pytest.raises(ConfigError, match="null byte"):
        read_file("a\0b")
