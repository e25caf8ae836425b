"""What real devices sent, replayed: as far as the captures hold whole requests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mdmcore.capture import open_capture
from mdmcore.http import Exchange, Headers, Request
from mdmcore.pki.certificate import verify_issued_by
from mdmcore.replay import unanswered
from mdmcore.rules.life import Outcome
from tests.replay.replaying import Served, as_device, captured
from tests.support.requirements import shared_file

LUMIA = "captures", "wp81-lumia"
SERVER = "https://mdm.example.test"


def windows_10() -> list[Exchange]:
    path = shared_file("captures", "win10-enrollment-log.md")
    return list(open_capture(path).exchanges())


def test_a_windows_10_pc_enrols_and_syncs_with_the_emulated_server() -> None:
    found = as_device(captured(windows_10()), "win10")
    assert found.replayed.stops == ()
    assert found.replayed.unsent == frozenset()
    assert captured(found.replayed.exchanges).life.outcome is Outcome.COMPLETE
    urls = [one.request.url for one in found.replayed.exchanges]
    dm = f"{SERVER}/ManagementServer/MDM.svc?mode=Maintenance&Platform=WoA"
    assert urls[-3:] == [dm] * 3  # one more, since the captured server never challenged it
    told = {(one.step, one.what): (one.a, one.b) for one in found.diff.differences}
    assert told["provisioning document", "/APPLICATION/PROVIDER-ID"] == ("DEMO MDM", "MDMProxy")
    assert "Get ./DevInfo/Man" in found.replayed.strange
    last = found.replayed.exchanges[-1].request.body or b""
    assert b"<LocURI>./DevInfo/Man</LocURI>" in last  # told by itself in the first package


def exchange(number: int, path: str, kind: str, body: bytes) -> Exchange:
    request = Request(
        method="POST", url=f"{SERVER}{path}", headers=Headers([("Content-Type", kind)]), body=body
    )
    return Exchange(id=f"lumia:{number}", index=number, capture="lumia", request=request)


def test_a_lumia_s_loose_request_is_answered() -> None:
    """No answer is in the capture, and nothing before it: it is sent, and nothing is compared."""
    body = shared_file(*LUMIA, "lumia630_wstep_rst.xml").read_bytes()
    kind = "application/soap+xml; charset=utf-8"
    life = captured([exchange(1, "/EnrollmentServer/Enrollment.svc", kind, body)])
    assert unanswered(life) == 1
    found = as_device(life, "wp81", to=SERVER)
    assert found.places == []
    (scene,) = captured(found.replayed.exchanges).scenes
    document = scene.decoded.provisioning
    assert document is not None
    ((_, certificate),) = document.issued
    assert scene.decoded.csr is not None
    assert scene.decoded.csr.csr is not None
    assert certificate.spki == scene.decoded.csr.csr.spki
    old = life.scenes[0].decoded.csr
    assert old is not None
    assert old.csr is not None
    assert scene.decoded.csr.csr.subject.raw == old.csr.subject.raw


def test_a_lumia_s_loose_message_is_answered() -> None:
    body = shared_file(*LUMIA, "lumia630_syncml_pkg1.xml").read_bytes()
    kind = "application/vnd.syncml.dm+xml"
    life = captured([exchange(1, "/ManagementServer/MDM.svc", kind, body)])
    found = as_device(life, "wp81", to=SERVER)
    assert len(found.replayed.exchanges) >= 1
    response = found.replayed.exchanges[0].response
    assert response is not None
    # Its account is not known there, nor are its secrets here.
    (stop,) = found.replayed.stops
    assert stop.cause == "the server refuses the device's credentials, twice"
    assert found.places == [("session 1, further message", "step"), ("session 1", "not sent")]


def test_the_server_of_that_log_is_there_again(tmp_path: Path) -> None:
    """The policies are not well-formed in the log, at which a strict device gives up."""
    stage = Served(tmp_path, "win10", captured(windows_10()))
    user = "other@pocmdmserver.com"
    stage.settings = replace(stage.settings, email=user, username=user)
    stage.enroll()
    (refused,) = stage.close().refused
    assert "the document cannot be read, not well-formed" in str(refused.refusal)


def test_the_requests_of_that_log_get_certificates_of_a_stand_in(tmp_path: Path) -> None:
    exchanges = windows_10()
    old = captured(exchanges)
    stage = Served(tmp_path, "win10", old)
    for one in exchanges:
        assert stage.answer(one.request).status == 200
    new = captured(stage.close().exchanges)
    assert stage.told == []
    before, after = old.life.provisioning, new.life.provisioning
    assert before is not None
    assert after is not None
    (_, old_root), *_ = before.authorities
    (stored, root), *_ = after.authorities
    assert root.subject.raw == old_root.subject.raw
    assert root.spki != old_root.spki
    assert stored.thumbprint == root.thumbprint
    ((_, own),) = after.issued
    assert verify_issued_by(own, root)
    assert new.life.csr is not None
    assert new.life.csr.csr is not None
    assert own.spki == new.life.csr.csr.spki
