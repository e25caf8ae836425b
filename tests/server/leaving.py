"""What tests of leaving share: sessions, the job, and how the state lists the one device."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from mdmcore.records import ManagedDevice
from mdmcore.server import MdmServer
from mdmcore.server.unenrollment import UNENROLL
from mdmcore.store import Database
from tests.server.dm_device import NS, Enrolled, next_nonce, send
from tests.support import messages as m
from tests.support.server import NOW


def device(state: Database) -> ManagedDevice:
    (found,) = state.devices()
    return found


def begin(
    server: MdmServer, phone: Enrolled, number: int, more: str = "", *, is_final: bool = True
) -> ET.Element:
    """The first message of a session; the phone keeps the nonce for the next one."""
    body = m.syncml(
        m.PACKAGE_1 + more,
        cred=phone.cred(),
        loc_name=phone.name,
        session_id=f"S{number}",
        is_final=is_final,
    )
    answer = send(server, body)
    if answer.find(".//m:NextNonce", NS) is not None:
        phone.nonce = next_nonce(answer)
    return answer


def queue(state: Database) -> None:
    state.queue_job(device(state).account, UNENROLL, NOW)


def execs(answer: ET.Element) -> list[ET.Element]:
    return answer.findall(".//s:Exec", NS)
