"""What the server's log says of a wrong digest; the digests are made here by hashlib."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

import pytest

from mdmcore.server import MdmServer
from tests.server.dm_device import Enrolled, next_nonce, send, statuses
from tests.support import messages as m


def md5(data: bytes) -> bytes:
    return hashlib.md5(data).digest()


def b64(data: bytes) -> bytes:
    return base64.b64encode(data)


def inner(user: str, secret: str) -> bytes:
    return b64(md5(f"{user}:{secret}".encode()))


FORMULAS: dict[str, Callable[[str, str, bytes], bytes]] = {
    "digest-nonce-not-decoded": lambda u, s, n: b64(md5(inner(u, s) + b":" + b64(n))),
    "digest-inner-hash-hex": lambda u, s, n: b64(
        md5(hashlib.md5(f"{u}:{s}".encode()).hexdigest().encode() + b":" + n)
    ),
    "digest-inner-hash-raw": lambda u, s, n: b64(md5(md5(f"{u}:{s}".encode()) + b":" + n)),
    "digest-missing-colon": lambda u, s, n: b64(md5(inner(u, s) + n)),
    "digest-hex-then-base64": lambda u, s, n: b64(
        hashlib.md5(inner(u, s) + b":" + n).hexdigest().encode()
    ),
    "digest-nonce-ignored": lambda u, s, n: b64(md5(inner(u, s) + b":")),
    "digest-nonce-decoded-as-text": lambda u, s, n: b64(
        md5(inner(u, s) + b":" + n.decode("utf-8", "replace").encode())
    ),
    "another user name": lambda u, s, n: b64(md5(inner(m.DEVICE_ID, s) + b":" + n)),
}


def cred(digest: bytes) -> str:
    return m.md5_cred("", "", b"").replace(b64(md5(inner("", "") + b":")).decode(), digest.decode())


@pytest.fixture
def phone(server: MdmServer, lumia_csr: bytes) -> Enrolled:
    return Enrolled(server, lumia_csr)


@pytest.mark.parametrize("said", FORMULAS)
def test_a_known_mistake_is_named(
    server: MdmServer, phone: Enrolled, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="mdmcore.server")
    digest = FORMULAS[said](phone.name, phone.secret, phone.nonce)
    answer = send(server, m.syncml(m.PACKAGE_1, cred=cred(digest), loc_name=phone.name))
    assert statuses(answer)[0][3] == "401"
    assert f"credentials {said}" in caplog.text
    assert phone.secret not in caplog.text


def test_the_other_entry_is_named(
    server: MdmServer, phone: Enrolled, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="mdmcore.server")
    digest = phone.server_digest(phone.server_nonce).encode()
    send(server, m.syncml(m.PACKAGE_1, cred=cred(digest), loc_name=phone.name))
    assert "credentials appauth-levels-swapped" in caplog.text


def test_the_nonce_of_the_challenge_counts_too(
    server: MdmServer, phone: Enrolled, caplog: pytest.LogCaptureFixture
) -> None:
    challenged = send(server, m.syncml(m.PACKAGE_1, loc_name=phone.name))
    nonce = next_nonce(challenged)
    caplog.set_level("INFO", logger="mdmcore.server")
    digest = FORMULAS["digest-missing-colon"](phone.name, phone.secret, nonce)
    send(server, m.syncml(m.PACKAGE_1, cred=cred(digest), loc_name=phone.name, msg_id="2"))
    assert "credentials digest-missing-colon" in caplog.text


@pytest.mark.parametrize("digest", [b64(bytes(16)), b"no base64!"])
def test_what_nothing_explains_is_wrong_or_a_strangers(
    server: MdmServer, phone: Enrolled, digest: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="mdmcore.server")
    send(server, m.syncml(m.PACKAGE_1, cred=cred(digest), loc_name=phone.name))
    assert "credentials wrong or device unknown" in caplog.text


def test_the_answer_does_not_give_it_away(server: MdmServer, phone: Enrolled) -> None:
    def shape(digest: bytes, session: str) -> list[str]:
        body = m.syncml(m.PACKAGE_1, cred=cred(digest), loc_name=phone.name, session_id=session)
        return [element.tag for element in send(server, body).iter()]

    explained = FORMULAS["digest-missing-colon"](phone.name, phone.secret, phone.nonce)
    assert shape(explained, "1A") == shape(b64(bytes(16)), "1B")
