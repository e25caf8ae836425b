"""Which certificate a leg offers, and that drivers which know nothing of it go on as before."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta

import pytest
from cryptography import x509

from mdmcore.http import Request, Response
from mdmcore.phone import (
    ClientIdentity,
    HeldCertificate,
    NoAnswer,
    download_hub,
    identity_of,
    run,
    sync,
)
from mdmcore.phone.client_identity import IdentifiedRequest, client_identity, offering
from mdmcore.phone.keyring import key_sha256
from mdmcore.pki.authority import Authority
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.certificate_builder import CertificateForm, encode_common_name, sign_certificate
from tests.phone.dm_script import FIRST, LAST, script
from tests.phone.scripted import (
    DEVICE_CN,
    answer,
    client_certificate,
    enrolled,
    enrolled_with,
)
from tests.support.certificates import (
    NOW,
    PRINTABLE_STRING,
    build_authority,
    forge_certificate,
)
from tests.support.keys import load_key, spki
from tests.support.server import counted_random

IDENTITY = ClientIdentity(certificate=b"certificate", chain=(b"ca",), key_sha256="00")
REQUEST = Request(method="GET", url="https://a.test/", body=b"x")


def held(der: bytes, store: str = "My") -> HeldCertificate:
    return HeldCertificate(
        store=store, scope="User", certificate=parse_certificate(der), has_key=store == "My"
    )


def intermediate() -> tuple[bytes, bytes]:
    """An intermediate CA below the test's root, and a device certificate below that."""
    root = build_authority()
    form = CertificateForm(
        serial=8,
        issuer=root.parsed.subject.raw,
        subject=encode_common_name(b"Intermediate", PRINTABLE_STRING),
        spki=spki("enterprise"),
        not_before=NOW,
        not_after=NOW + timedelta(days=365),
        extensions=((x509.BasicConstraints(ca=True, path_length=0), True),),
    )
    signed = sign_certificate(form, root.private_key)
    issuer = Authority(certificate=signed, private_key=load_key("enterprise"))
    return signed, forge_certificate(spki("device"), authority=issuer)


def test_the_identity_of_a_certificate() -> None:
    root = build_authority().certificate
    found = client_identity(held(client_certificate()), [held(root, "Root")])
    assert found.certificate == client_certificate()
    assert found.chain == ()
    assert found.key_sha256 == key_sha256(load_key("device"))
    assert found.tls_facts().client_certificates == (client_certificate(),)
    assert "certificate=" not in repr(found)


def test_the_chain_comes_along_without_the_root() -> None:
    sub, leaf = intermediate()
    store = [held(build_authority().certificate, "Root"), held(sub, "CA"), held(leaf)]
    found = client_identity(store[2], store)
    assert found.chain == (sub,)
    assert found.tls_facts().client_certificates == (leaf, sub)


def test_every_request_of_the_leg_names_it() -> None:
    def leg() -> Generator[Request, Response, list[str]]:
        seen = []
        for _ in range(2):
            try:
                response = yield REQUEST
            except NoAnswer as error:
                seen.append(error.reason)
            else:
                seen.append(str(response.status))
        return seen

    sent: list[Request] = []

    def send(request: Request) -> Response:
        sent.append(request)
        if len(sent) == 1:
            raise NoAnswer("lost")
        return Response(status=200)

    assert run(offering(IDENTITY, leg()), send) == ["lost", "200"]
    assert [identity_of(request) for request in sent] == [IDENTITY, IDENTITY]
    assert (sent[0].method, sent[0].url, sent[0].body) == ("GET", "https://a.test/", b"x")
    assert isinstance(sent[0], IdentifiedRequest)
    sent.clear()
    assert run(offering(None, leg()), send) == ["lost", "200"]
    assert sent == [REQUEST, REQUEST]
    assert identity_of(REQUEST) is None


def test_a_leg_that_fails_or_is_given_up_is_closed() -> None:
    closed = []

    def leg() -> Generator[Request, Response, None]:
        try:
            yield REQUEST
        finally:
            closed.append(True)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(offering(IDENTITY, leg()), lambda _request: Response(status=200))
    abandoned = offering(IDENTITY, leg())
    next(abandoned)
    abandoned.close()
    assert closed == [True, True]


def test_sessions_and_the_hub_offer_what_their_criteria_find() -> None:
    dm = script(FIRST, LAST)
    run(sync(enrolled(), random=counted_random()), dm)
    found = [identity_of(request) for request in dm.requests]
    assert {one and one.certificate for one in found} == {client_certificate()}
    assert not any(one is None or one.is_required for one in found)
    asked: list[Request] = []

    def hub(request: Request) -> Response:
        asked.append(request)
        return answer(b"package", "application/x-silverlight-app")

    run(download_hub(enrolled()), hub)
    identity = identity_of(asked[0])
    assert identity is not None
    assert identity.certificate == client_certificate()


def test_without_a_match_nothing_is_offered() -> None:
    phone = enrolled_with((f"Subject=CN%3D{DEVICE_CN}", "Subject=CN%3DOTHER"))
    dm = script(FIRST, LAST)
    run(sync(phone, random=counted_random()), dm)
    assert not any(isinstance(request, IdentifiedRequest) for request in dm.requests)
