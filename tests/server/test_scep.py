"""The SCEP endpoint: what it tells, what it refuses, and a device that fetches its certificate."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.http import Request
from mdmcore.phone import VirtualClock, live, run
from mdmcore.pki.authority import Authority
from mdmcore.pki.certificate import verify_issued_by
from mdmcore.pki.cms import parse_signed_data
from mdmcore.records import QueueState
from mdmcore.server import MdmServer
from mdmcore.server.scep import ScepService
from mdmcore.server.settings import SCEP_PATH, ServerSettings
from tests.matrix.lives import SCEP
from tests.matrix.play import Stage
from tests.server.conftest import ServerFactory
from tests.support.server import NOW, counted_random, make_authority

URL = f"https://mdm.example.test{SCEP_PATH}"


def test_it_is_reached_on_its_path_only(server: MdmServer) -> None:
    asked = Request(method="GET", url=f"{URL.lower()}?operation=GetCACert")
    answer = server.answer(asked)
    assert answer.media_type == "application/x-x509-ca-cert"
    assert answer.body == make_authority().certificate
    caps = server.answer(Request(method="GET", url=f"{URL}?operation=GetCACaps"))
    assert {"POSTPKIOperation", "SHA-256", "AES"} <= set((caps.body or b"").decode().split())
    elsewhere = Request(method="GET", url=f"{URL}/x?operation=GetCACert")
    assert server.answer(elsewhere).status == 404


@pytest.mark.parametrize(
    ("method", "query"),
    [
        ("GET", ""),
        ("GET", "?operation=GetNextCACert"),
        ("POST", "?operation=PKIOperation"),
        ("GET", "?operation=PKIOperation&message=%3C"),
    ],
)
def test_what_is_no_request_is_refused(server: MdmServer, method: str, query: str) -> None:
    asked = Request(method=method, url=f"{URL}{query}", body=b"<html/>")
    assert server.answer(asked).status == 400


def test_there_is_none_where_only_certain_users_may_enrol(server_factory: ServerFactory) -> None:
    restricted = server_factory(users=(("user@example.test", "secret"),))
    for operation in ("GetCACert", "PKIOperation"):
        asked = Request(method="POST", url=f"{URL}?operation={operation}", body=b"")
        assert restricted.answer(asked).status == 403


def test_an_intermediate_comes_with_its_chain() -> None:
    issuing, root = make_authority(), make_authority(key="enterprise")
    service = ScepService(
        ServerSettings(domains=("example.test",)),
        authority=Authority(
            certificate=issuing.certificate,
            private_key=issuing.private_key,
            chain=(root.certificate,),
        ),
        clock=lambda: NOW,
        random=counted_random("scep"),
    )
    answer = service.answer(Request(method="GET", url=f"{URL}?operation=GetCACert"))
    assert answer.media_type == "application/x-x509-ca-ra-cert"
    held = {one.der for one in parse_signed_data(answer.body or b"").certificates}
    assert held == {issuing.certificate, root.certificate}


@pytest.mark.parametrize("profile", ["wp81", "win10"])
def test_a_device_that_is_told_to_fetches_a_certificate(profile: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path, profile, settings={"jobs": (SCEP,)})
    stage.enroll()
    stage.hub()
    stage.session("session 1")
    assert stage.phone is not None
    clock = VirtualClock(stage.clock.now)
    until = clock.now + timedelta(days=1)
    steps = live(stage.phone, clock=clock, until=until, random=stage.random, keys=stage.keys)
    after = run(steps, stage.answer).phone
    (job,) = stage.queued()
    played = stage.close()
    held = after.certificates[-1]
    assert held.has_key
    assert held.certificate.subject.rfc4514() == "CN=Wi-Fi 0001"
    assert verify_issued_by(held.certificate, make_authority().parsed)
    assert job.state is QueueState.DONE
    assert played.rules("error", "warning") == set()
