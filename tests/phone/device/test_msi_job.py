"""The job that installs an MSI (EnterpriseDesktopAppManagement)."""

from __future__ import annotations

import pytest

from mdmcore.errors import ProtocolError
from mdmcore.phone.device.msi_job import parse_msi_job

JOB = """<MsiInstallJob id="{F1F2F3F4-0000-4000-8000-0123456789AB}">
  <Product Version="1.4.0">
    <Download><ContentURLList><ContentURL>https://files.example.test/a.msi</ContentURL>
      <ContentURL>https://files.example.test/b.msi</ContentURL></ContentURLList></Download>
    <Validation><FileHash>{digest}</FileHash></Validation>
    <Enforcement><CommandLine>/quiet</CommandLine><TimeOut>10</TimeOut>
      <RetryCount>1</RetryCount><RetryInterval>5</RetryInterval></Enforcement>
  </Product>
</MsiInstallJob>"""
DIGEST = "AB" * 32


def job(digest: str = DIGEST) -> str:
    return JOB.replace("{digest}", digest)


def test_a_job() -> None:
    found = parse_msi_job(job())
    assert found.urls == ("https://files.example.test/a.msi", "https://files.example.test/b.msi")
    assert (found.sha256, found.version, found.command_line) == ("ab" * 32, "1.4.0", "/quiet")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not well-formed"),
        ("&lt;MsiInstallJob/&gt;", "not well-formed"),
        ("<Job/>", "root is Job"),
        ("<MsiInstallJob/>", "no Product"),
        ("<MsiInstallJob><Product/></MsiInstallJob>", "no ContentURL"),
        (job(digest=""), "FileHash"),
        (job(digest="AB" * 20), "FileHash"),
    ],
)
def test_what_is_no_job(text: str, reason: str) -> None:
    with pytest.raises(ProtocolError, match=reason):
        parse_msi_job(text)
