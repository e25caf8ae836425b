"""The example in docs: every key at its default, and every other value in it works."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mdmcore.mitm.configuration import Configuration, read_configuration, settings_of
from mdmcore.mitm.configuration.schema import DmAccount, FaultTable, ParmTable, User
from mdmcore.server.settings import ServerSettings
from tests.support.requirements import CHECKOUT

EXAMPLE = CHECKOUT / "docs" / "examples" / "emulate.toml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
OTHERS = re.findall(r"^# e\.g\. (.+)$", TEXT, re.MULTILINE)


def keys_of(table: type[msgspec.Struct], prefix: str = "") -> list[str]:
    """Every key below a table, tables themselves left out."""
    found = []
    for field in msgspec.structs.fields(table):
        kind = field.type
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            found += keys_of(kind, f"{prefix}{field.encode_name}.")
        else:
            found.append(f"{prefix}{field.encode_name}")
    return found


def value_at(tree: Any, path: str) -> Any:
    for step in path.split("."):
        tree = tree[step]
    return tree


@pytest.mark.parametrize("key", keys_of(Configuration))
def test_every_key_stands_there_with_its_default(key: str) -> None:
    defaults = msgspec.to_builtins(Configuration(), builtin_types=())
    expected = value_at(defaults, key)
    found = value_at(tomllib.loads(TEXT), key)
    assert found == (list(expected) if isinstance(expected, tuple) else expected)
    assert type(found) is type(list(expected) if isinstance(expected, tuple) else expected)


def test_the_schema_has_no_key_that_the_example_lacks_and_none_more() -> None:
    def leaves(tree: dict[str, Any], prefix: str = "") -> list[str]:
        found = []
        for key, value in tree.items():
            path = f"{prefix}{key}"
            found += leaves(value, f"{path}.") if isinstance(value, dict) else [path]
        return found

    assert sorted(leaves(tomllib.loads(TEXT))) == sorted(keys_of(Configuration))


def test_the_example_is_the_default_configuration() -> None:
    assert read_configuration(EXAMPLE) == Configuration()
    assert settings_of(read_configuration(EXAMPLE)) == settings_of(Configuration())


def test_the_default_configuration_is_that_of_the_server() -> None:
    assert settings_of(Configuration()) == ServerSettings(domains=("example.test",))


def test_every_key_has_a_comment_above_it_or_above_its_table() -> None:
    blocks = re.split(r"\n\s*\n", TEXT)
    for block in blocks:
        if re.search(r"^\w+ = ", block, re.MULTILINE):
            assert "#" in block, block


@pytest.mark.parametrize("line", OTHERS)
def test_every_other_value_works(line: str, tmp_path: Path) -> None:
    key = line.partition(" = ")[0]
    changed = re.sub(rf"^{key} = .*\n(# e\.g\. {re.escape(line)}\n)", f"{line}\n", TEXT, flags=re.M)
    assert changed != TEXT
    path = tmp_path / "emulate.toml"
    path.write_text(changed, encoding="utf-8")
    assert read_configuration(path) != Configuration()
    settings_of(read_configuration(path))


def test_the_tables_inside_lists_are_shown_with_all_their_keys() -> None:
    shown = "\n".join(OTHERS)
    for table in (User, DmAccount, FaultTable, ParmTable):
        for field in msgspec.structs.fields(table):
            assert f"{field.encode_name} = " in shown
