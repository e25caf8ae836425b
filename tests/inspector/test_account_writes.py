"""Secrets that the server changes in a session count from the next one on."""

from __future__ import annotations

import pytest

from mdmcore.base64_text import encode_base64
from mdmcore.syncml.credentials import digest_cred
from mdmcore.syncml.model import Command, Item, Meta
from tests.support.story import (
    CERT_CN,
    DEVICE_SECRET,
    NONCE_C2S,
    PROVIDER,
    Story,
    answer,
    device_cred,
    package1,
    rules_of,
    server_cred,
)

ACCOUNT = "./SyncML/DMAcc/0x0000800cAB/AppAuth"
UNKNOWN = "digest-from-unknown-values"


def write(node: str, leaf: str, data: str | None) -> Command:
    item = Item(target=f"{ACCOUNT}/{node}/{leaf}", meta=Meta(format="chr"), data=data)
    return Command(name="Replace", cmd_id="9", items=(item,))


def told(*writes: Command) -> Story:
    """The first session, in which the server writes that."""
    story = Story().enrolled()
    found = story.sync(package1(cred=device_cred()), answer("2", "212", "1", *writes))
    assert UNKNOWN not in rules_of(found.findings)
    return story


def next_session(story: Story, device: object, server: object = None) -> set[str]:
    answered = answer("2", "212", session_id="2", cred=server or server_cred())  # type: ignore[arg-type]
    asked = package1(session_id="2", cred=device)  # type: ignore[arg-type]
    return rules_of(story.sync(asked, answered).findings)


def test_a_new_secret_of_the_device() -> None:
    new = device_cred(secret="rotated")
    assert UNKNOWN not in next_session(told(write("CLCRED", "AAuthSecret", "rotated")), new)
    assert UNKNOWN in next_session(told(write("CLCRED", "AAuthSecret", "rotated")), device_cred())
    assert UNKNOWN in next_session(told(), new)


def test_a_new_secret_of_the_server() -> None:
    new = digest_cred(PROVIDER, "rotated", bytes(range(16)))
    story = told(write("SRVCRED", "AAuthSecret", "rotated"))
    assert UNKNOWN not in next_session(story, device_cred(), new)


def test_a_new_name_and_a_new_nonce() -> None:
    named = told(write("clcred", "AAuthName", "other"))
    assert UNKNOWN not in next_session(named, digest_cred("other", DEVICE_SECRET, NONCE_C2S))
    nonce = b"another nonce..."
    given = told(write("CLCRED", "AAuthData", encode_base64(nonce)))
    assert UNKNOWN not in next_session(given, digest_cred(CERT_CN, DEVICE_SECRET, nonce))


@pytest.mark.parametrize(
    "command",
    [
        write("CLCRED", "AAuthSecret", None),
        write("CLCRED", "AAuthData", "%%"),
        write("Node1", "AAuthSecret", "rotated"),
    ],
    ids=["no value", "no nonce", "whose"],
)
def test_what_cannot_be_read_makes_the_digest_unknown(command: Command) -> None:
    assert UNKNOWN not in next_session(told(command), device_cred(secret="whatever"))


def test_other_nodes_change_nothing() -> None:
    other = write("CLCRED", "AAuthPref", "x")
    assert UNKNOWN in next_session(told(other), device_cred(secret="whatever"))
