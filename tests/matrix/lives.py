"""Lives in which more happens than in the usual one: weeks, leaving, forgers, SCEP."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.phone import Keyring, generic_alert, renew, sync, work_off
from mdmcore.phone.keyring import key_sha256
from mdmcore.pki.certificate import parse_certificate
from mdmcore.server.planning import WantedJob
from mdmcore.syncml.model import Item, Meta
from tests.matrix.play import Stage
from tests.support.certificates import forge_certificate
from tests.support.keys import load_key, spki
from tests.support.server import make_authority

_JOB_DONE = Item(meta=Meta(format="int", type="com.example:job.done"), data="1")
_ATTEMPTS = 5
SCEP = WantedJob(
    recipe="scep",
    values=(
        ("server-url", "https://mdm.example.test/CertificateServer/SCEP"),
        ("challenge", "example-challenge"),
        ("subject", "CN=Wi-Fi 0001"),
        ("ca-thumbprint", make_authority().parsed.thumbprint),
        ("id", "wifi"),
    ),
)
"""The job that makes a device fetch a certificate from the emulated server."""


def tries_again_and_again(stage: Stage) -> None:
    """The device begins to enrol every few minutes."""
    for _ in range(_ATTEMPTS):
        stage.enroll()
        stage.clock.advance(minutes=5)


def weeks_of_sessions(stage: Stage) -> None:
    """A session, and another one when more than half a month has gone by."""
    stage.enroll()
    stage.hub()
    stage.session("session 1")
    stage.clock.advance(days=16)
    stage.session("session 2")


def told_to_leave(stage: Stage) -> None:
    """The server lets the device leave after its first session; it has three more, as far as it
    is still there."""
    stage.enroll()
    stage.hub()
    stage.session("session 1")
    stage.tell_to_leave()
    for number in range(2, 5):
        stage.session(f"session {number}")


def tells_of_a_job(stage: Stage) -> None:
    """The device tells in one session that something else is done, and goes on."""
    stage.enroll()
    stage.hub()
    stage.session("session 1")
    if stage.phone is not None:
        alert = generic_alert(_JOB_DONE)
        steps = sync(stage.phone, random=stage.random, clock=stage.clock, alerts=(alert,))
        outcome = stage.play("session 2", steps)
        stage.phone = stage.phone if outcome is None else outcome.phone
    stage.session("session 3")
    stage.leave()


def fetches_a_certificate(stage: Stage) -> None:
    """The device is told to fetch a certificate by SCEP, and does so after the session."""
    stage.enroll()
    stage.hub()
    stage.session("session 1")
    if stage.phone is not None:
        steps = work_off(stage.phone, stage.clock(), keys=stage.keys, random=stage.random)
        stage.phone = stage.play("work", steps) or stage.phone
    stage.session("session 2")
    stage.leave()


def robbed(stage: Stage) -> None:
    """Somebody asks for the device's renewal with a certificate of his own CA; the device knows
    nothing of it and goes on."""
    stage.enroll()
    stage.hub()
    stage.session("session 1")
    if stage.phone is not None:
        names = iter(("device2", "enterprise"))
        forger = Keyring(lambda _bits: load_key(next(names)))
        own = stage.phone.mdm_certificate
        assert own is not None
        der = forge_certificate(
            spki("device2"), authority=make_authority(key="enterprise"), now=stage.clock()
        )
        pretended = replace(
            stage.phone,
            certificates=(replace(own, certificate=parse_certificate(der)),),
            key_sha256=key_sha256(forger(2048)),
        )
        steps = renew(pretended, keys=forger, random=stage.random, clock=stage.clock, is_asked=True)
        stage.play("forged renewal", steps)
    stage.sessions(2)
    stage.renewal()
    stage.session("session after renewal")
    stage.leave()
