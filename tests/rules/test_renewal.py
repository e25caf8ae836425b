"""Rules on what renewal needs."""

from __future__ import annotations

import pytest

from mdmcore.syncml.model import Command, Item
from tests.support.story import (
    CERT_CN,
    Story,
    answer,
    certificate,
    device_cred,
    document,
    package1,
    rules_of,
)

ENT_DMID = f'<parm name="EntDMID" value="{CERT_CN}" datatype="string"/>'.encode()


def without(client: bytes | None = None) -> bytes:
    wap = document(client=client)
    assert ENT_DMID in wap
    return wap.replace(ENT_DMID, b"")


def test_a_document_with_entdmid() -> None:
    assert Story("wp8").enroll().findings == ()


@pytest.mark.parametrize("change", [b"", ENT_DMID.replace(CERT_CN.encode(), b"")])
def test_a_document_without_entdmid_is_a_warning(change: bytes) -> None:
    found = Story("wp8").enroll(document().replace(ENT_DMID, change))
    assert rules_of(found.findings) == {"entdmid-missing"}
    assert found.findings[0].severity == "warning"


def test_an_error_once_the_renewal_window_opens() -> None:
    story = Story("wp8").enrolled(without(certificate(days=42)))
    story.sync(package1(cred=device_cred()), answer("2", "212"))
    assert [(f.rule, f.severity) for f in story.inspector.findings()] == [
        ("entdmid-missing", "error"),
        ("cert-lifetime-shorter-than-renew-period", "warning"),
    ]


def test_a_later_session_may_set_it() -> None:
    story = Story("wp8").enrolled(without())
    assert rules_of(story.inspector.findings()) == {"entdmid-missing"}
    target = "./Vendor/MSFT/DMClient/Provider/ExampleMDM/EntDMID"
    replace = Command(name="Add", cmd_id="6", items=(Item(target=target, data="ID-1"),))
    story.sync(package1(cred=device_cred()), answer("2", "212", "1", replace))
    assert story.inspector.findings() == ()
