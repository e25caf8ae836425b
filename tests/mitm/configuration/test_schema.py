"""The schema refuses what is no key and shows its defaults as values of TOML."""

from __future__ import annotations

import msgspec
import pytest

from mdmcore.mitm.configuration import schema
from mdmcore.mitm.configuration.schema import Configuration, DmAccount, Server, Table, User

TABLES = [
    each
    for each in vars(schema).values()
    if isinstance(each, type) and issubclass(each, Table) and each is not Table
]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_no_table_takes_an_unknown_key(table: type[Table]) -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert({"nonsense": 1}, table)


def test_there_is_no_default_that_toml_cannot_say() -> None:
    def check(value: object) -> None:
        assert value is not None
        for each in value.values() if isinstance(value, dict) else ():
            check(each)

    check(msgspec.to_builtins(Configuration()))


def test_a_table_does_not_change() -> None:
    with pytest.raises(AttributeError):
        Configuration().server = None  # type: ignore[misc, assignment]


def test_secrets_stay_out_of_repr() -> None:
    user = User(name="anna", password="hunter2")
    account = DmAccount(name="n", secret="hunter2", scheme="md5")
    assert "hunter2" not in repr(Configuration(server=Server(users=(user,), accounts=(account,))))
