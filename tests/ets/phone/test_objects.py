"""DevInfo, DevDetail and DMAcc on the phone (ets.md 7)."""

from __future__ import annotations

import pytest

from tests.ets import text as t
from tests.ets.scripted import LAST, PROFILES, ask, first, hold
from tests.phone.scripted import DEVICE_SECRET, DM_URL, PROVIDER, SERVER_SECRET
from tests.support.ets import PHONE

ets = pytest.mark.ets

ACCOUNT = (
    "./SyncML/DMAcc/0x0000800cD7F80B8B769E8BD439F36F4F307661D0C9558C124F2EEB7FFAC1444F4F5BA197"
)
"""The account of PROVIDER-ID ExampleMDM, as session.md 4.6 prints it."""
AUTH = f"{ACCOUNT}/AppAuth"


@ets("DMC-501", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_dev_info_is_complete_and_the_same_everywhere(profile: str) -> None:
    leaves = ("DevId", "Man", "Mod", "DmV", "Lang")
    gets = "".join(t.get(leaf, f"./DevInfo/{leaf}") for leaf in leaves)
    said, _ = hold(first(gets), LAST, profile=profile)
    replace = next(e for e in said[0].commands if t.local(e) == "Replace")
    told = {t.text(i, "Source/LocURI"): t.text(i, "Data") for i in replace.iterfind("{*}Item")}
    assert {leaf: said[1].values[f"./DevInfo/{leaf}"] for leaf in leaves} == {
        leaf: told[f"./DevInfo/{leaf}"] for leaf in leaves
    }
    assert all(told.values())


@ets("DMC-502", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    "leaf",
    ["URI/MaxDepth", "URI/MaxTotLen", "URI/MaxSegLen", "DevTyp", "OEM", "FwV", "SwV", "HwV",
     "LrgObj"],
)  # fmt: skip
def test_dev_detail_is_readable_and_not_writable(profile: str, leaf: str) -> None:
    uri = f"./DevDetail/{leaf}"
    told = ask(t.get("5", uri), t.replace("6", uri, "1"), t.get("7", uri), profile=profile)
    assert told.code("5") == "200"
    assert told.values[uri]
    assert told.code("6") in {"405", "425"}


@ets("DMC-502", PHONE)
@pytest.mark.parametrize(
    ("profile", "value"),
    [("wp8", "false"), ("wp81", "false"), ("win81", "false"), ("win10", "true")],
)
def test_lrg_obj_says_whether_chunks_are_taken(profile: str, value: str) -> None:
    told = ask(t.get("5", "./DevDetail/LrgObj"), profile=profile)
    assert told.values["./DevDetail/LrgObj"].lower() == value


@ets("DMC-503", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
def test_the_account_is_readable(profile: str) -> None:
    uris = (f"{ACCOUNT}/ServerID", f"{ACCOUNT}/AppAddr", AUTH)
    gets = "".join(t.get(str(number), uri) for number, uri in enumerate(uris, start=5))
    told = ask(gets, profile=profile)
    assert told.values[uris[0]] == PROVIDER
    (address,) = told.values[uris[1]].split("/")
    assert {"CLCRED", "SRVCRED"} <= set(told.values[AUTH].split("/"))
    addr = f"{ACCOUNT}/AppAddr/{address}/Addr"
    assert ask(t.get("5", addr), profile=profile).values == {addr: DM_URL}


@ets("DMC-503", PHONE)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("entry", ["CLCRED", "SRVCRED"])
@pytest.mark.parametrize("leaf", ["AAuthSecret", "AAuthData"])
def test_its_secrets_are_not(profile: str, entry: str, leaf: str) -> None:
    uri = f"{AUTH}/{entry}/{leaf}"
    told = ask(t.get("5", uri), t.get("6", f"{AUTH}?list=StructData"), profile=profile)
    assert told.code("5") in {"405", "425"}
    text = told.data.decode()
    assert DEVICE_SECRET not in text
    assert SERVER_SECRET not in text
