"""Messages that the device signs; openssl judges the signatures."""

from __future__ import annotations

import base64
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.errors import ConfigError
from mdmcore.http import Request, Response
from mdmcore.phone import (
    EnrolledPhone,
    Keyring,
    NoAnswer,
    Refusal,
    enroll,
    renew,
    run,
    sync,
    unenroll,
)
from mdmcore.phone.message_signing import MessageSigner, signing
from mdmcore.pki.authority import certificate_pem
from mdmcore.server import MdmServer
from tests.phone.dm_script import FIRST, LAST, accepted, reply, script, server_cred, status
from tests.phone.generations import phone_of
from tests.phone.renewing import Renewing, enrolled_for, keyring
from tests.phone.scripted import DEVICE_ID, PROVIDER, client_certificate
from tests.server.renewals import ALWAYS_OPEN
from tests.support.certificates import build_authority
from tests.support.keys import load_key
from tests.support.openssl import openssl, openssl_output
from tests.support.server import FixedClock, counted_random, make_server

ASKED = (
    '<parm name="EntDMID"',
    '<parm name="RequireMessageSigning" value="true" datatype="boolean"/><parm name="EntDMID"',
)
"""A change to the document of an enrolment."""
NODE = f"./Vendor/MSFT/DMClient/Provider/{PROVIDER}/RequireMessageSigning"


def device(profile: str = "win10", *changes: tuple[str, str]) -> Renewing:
    # The scripted DM server speaks to one device id.
    return enrolled_for(profile, *changes, device_id=DEVICE_ID)


def signatures(requests: list[Request]) -> list[str | None]:
    return [request.headers.get("MS-Signature") for request in requests]


def openssl_believes(request: Request, folder: Path) -> bool:
    """Whether the header is a signature of the body by the certificate of the enrolment."""
    (folder / "root.pem").write_bytes(certificate_pem(build_authority().certificate))
    (folder / "body").write_bytes(request.body or b"")
    signature = base64.b64decode(request.headers.get("MS-Signature") or "", validate=True)
    verified = openssl(
        *("cms", "-verify", "-binary", "-inform", "DER", "-content", str(folder / "body")),
        *("-CAfile", str(folder / "root.pem"), "-purpose", "any", "-no_check_time"),
        *("-signer", str(folder / "signer.pem")),
        data=signature,
    )
    signer = (folder / "signer.pem").read_bytes() if verified.returncode == 0 else b""
    return certificate_pem(client_certificate()).split() == signer.split()


def test_every_message_is_signed_when_the_document_says_so(tmp_path: Path) -> None:
    asked, dm = device("win10", ASKED), script(FIRST, LAST)
    assert asked.phone.signs_messages
    run(sync(asked.phone, random=counted_random(), clock=asked.clock, keys=asked.keys), dm)
    assert len(dm.requests) == 2
    assert all(openssl_believes(request, tmp_path) for request in dm.requests)
    first, second = signatures(dm.requests)
    assert first != second
    shown = openssl_output(
        "cms", "-cmsout", "-print", "-inform", "DER", data=base64.b64decode(first or "")
    )
    assert f"{asked.clock.now:%b %d %H:%M:%S %Y}".replace(" 0", "  ").encode() in shown


@pytest.mark.parametrize("value", ["false", ""])
def test_nobody_signs_unasked(value: str) -> None:
    change = (ASKED[0], ASKED[1].replace('"true"', f'"{value}"'))
    for changes in ((), (change,)):
        unasked, dm = device("win10", *changes), script(FIRST, LAST)
        run(sync(unasked.phone, random=counted_random(), clock=unasked.clock), dm)
        assert signatures(dm.requests) == [None, None]


@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_phones_cannot(profile: str) -> None:
    asked, dm = device(profile, ASKED), script(FIRST, LAST)
    run(sync(asked.phone, random=counted_random(), clock=asked.clock, keys=asked.keys), dm)
    assert signatures(dm.requests) == [None, None]


def replacing(value: str) -> Renewing:
    """A device whose server has set the node in a session."""
    command = (
        f"<Replace><CmdID>4</CmdID><Item><Target><LocURI>{NODE}</LocURI></Target>"
        f'<Meta><Format xmlns="syncml:metinf">bool</Format></Meta><Data>{value}</Data></Item>'
        "</Replace>"
    )
    changes = () if value == "true" else (ASKED,)
    before = device("win10", *changes)
    dm = script(reply(accepted() + command, cred=server_cred()), LAST)
    outcome = run(
        sync(before.phone, random=counted_random(), clock=before.clock, keys=before.keys), dm
    )
    assert [done.code for done in outcome.executed] == [200]
    assert len({value is None for value in signatures(dm.requests)}) == 1
    before.phone = outcome.phone
    return before


@pytest.mark.parametrize("value", ["true", "false"])
def test_the_server_may_say_so_later(value: str) -> None:
    changed = replacing(value)
    assert changed.phone.signs_messages is (value == "true")


def test_without_its_key_the_device_cannot_sign() -> None:
    asked = device("win10", ASKED)
    for keys in (None, Keyring(lambda _bits: load_key("device2"))):
        session = sync(asked.phone, random=counted_random(), clock=asked.clock, keys=keys)
        with pytest.raises(ConfigError, match="the keyring lacks the device's key"):
            next(session)


def test_the_farewell_is_signed_too(tmp_path: Path) -> None:
    asked = device("win10", ASKED)
    sent: list[Request] = []

    def server(request: Request) -> Response:
        sent.append(request)
        raise NoAnswer("gone")

    gone = run(
        unenroll(asked.phone, random=counted_random(), clock=asked.clock, keys=asked.keys), server
    )
    assert [openssl_believes(request, tmp_path) for request in sent] == [True]
    assert not gone.signs_messages


def test_a_resent_message_is_signed_again(tmp_path: Path) -> None:
    asked = device("win10", ASKED)
    no_status = reply(status("Alert", "2", "200"))
    dm = script(no_status, no_status)
    with pytest.raises(Refusal, match="Status"):
        run(sync(asked.phone, random=counted_random(), clock=asked.clock, keys=asked.keys), dm)
    assert dm.requests[0].body == dm.requests[1].body
    assert all(openssl_believes(request, tmp_path) for request in dm.requests)


def test_a_leg_is_left_alone_without_a_signer() -> None:
    def leg() -> Generator[Request, Response, None]:
        yield Request(method="GET", url="https://a.test/")

    same = leg()
    assert signing(None, same) is same


def test_a_signer_without_a_clock_says_no_time() -> None:
    signer = MessageSigner(certificate=client_certificate(), private_key=load_key("device"))
    request = signer.signed(Request(method="POST", url="https://a.test/", body=b"x"))
    der = base64.b64decode(request.headers.get("MS-Signature") or "")
    assert b"signingTime" not in openssl_output(
        "cms", "-cmsout", "-print", "-inform", "DER", data=der
    )


# --- against the server -------------------------------------------------------------------------


def _life(server: MdmServer, clock: FixedClock) -> tuple[EnrolledPhone, Keyring]:
    keys = keyring()
    enrolment = enroll(
        phone_of("win10"), private_key=keys, random=counted_random("phone"), clock=clock
    )
    return run(enrolment, server.answer), keys


def test_a_pc_signs_for_the_server_before_and_after_its_renewal(tmp_path: Path) -> None:
    clock = FixedClock()
    server, store = make_server(
        tmp_path,
        clock=clock,
        users=(("user@example.test", "pass & word"),),
        require_message_signing=True,
        **ALWAYS_OPEN,
    )
    try:
        phone, keys = _life(server, clock)
        random = counted_random("sessions")
        for is_renewed in (False, True):
            for _ in range(2):
                outcome = run(sync(phone, random=random, clock=clock, keys=keys), server.answer)
                assert outcome.is_client_authenticated
                phone = outcome.phone
                clock.now += timedelta(hours=1)
            if not is_renewed:
                phone = run(
                    renew(phone, keys=keys, random=random, clock=clock, is_asked=True),
                    server.answer,
                )
    finally:
        store.close()


def test_a_changed_byte_on_the_way_is_refused(tmp_path: Path) -> None:
    clock = FixedClock()
    server, store = make_server(
        tmp_path, clock=clock, profile="win10", require_message_signing=True
    )
    seen: list[bytes] = []

    def meddling(request: Request) -> Response:
        body = (request.body or b"").replace(b"<Final/>", b"<Final />")
        changed = Request(method="POST", url=request.url, headers=request.headers, body=body)
        response = server.answer(changed)
        seen.append(response.body or b"")
        return response

    try:
        phone, keys = _life(server, clock)
        session = sync(phone, random=counted_random("session"), clock=clock, keys=keys)
        with pytest.raises(Refusal, match="401"):
            run(session, meddling)
        assert b"<Data>401</Data>" in seen[0]
    finally:
        store.close()
