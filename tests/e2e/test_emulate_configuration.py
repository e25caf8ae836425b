"""``mdmproxy emulate --config``: what a phone is given then, and how a broken file ends."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.phone.drive import run as drive
from mdmcore.phone.enrollment import enroll
from mdmcore.phone.management import sync
from mdmcore.pki.authority import certificate_pem
from tests.e2e.test_emulate_command import MDMPROXY, SETTINGS, emulator, now
from tests.support.authorities import intermediate, key_pem, root
from tests.support.keys import load_key
from tests.support.openssl import openssl_output
from tests.support.processes import run

pytestmark = pytest.mark.e2e

CONFIGURATION = """
[server]
domains = ["elsewhere.test"]
provider_id = "FromFile"
users = [{ name = "demo@example.test", password = "secret" }]
[policy]
hash = "sha256"
[certificate]
subject = "CN={guid},OU=File"
[authority]
ca = ["ca.pem"]
[provisioning.retries]
first_retries = 7
"""


def test_a_broken_configuration_is_one_line_with_file_and_key_and_exit_2(tmp_path: Path) -> None:
    config = tmp_path / "emulate.toml"
    config.write_text("[server]\nusers = [{ name = 'a', password = 'hunter2', x = 1 }]\n")
    done = run(
        [
            *(*MDMPROXY, "emulate", "--listen-port", "0", "--config", config),
            *("--state", tmp_path / "state", "--confdir", tmp_path / "conf"),
        ]
    )
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert line == f"mdmproxy: error: {config}: $.server.users[0].x: no such key"


def test_a_phone_is_given_what_the_configuration_says(tmp_path: Path) -> None:
    lasting = {"not_before": now() - timedelta(days=1), "not_after": now() + timedelta(days=900)}
    pem = key_pem() + certificate_pem(intermediate(**lasting)) + certificate_pem(root(**lasting))
    (tmp_path / "ca.pem").write_bytes(pem)
    (tmp_path / "ca.pem").chmod(0o600)
    config = tmp_path / "emulate.toml"
    config.write_text(
        CONFIGURATION,
        encoding="utf-8",
    )
    options = ("--config", config, "--domain", "example.test", "--subject", "CN={guid},OU=Option")
    with emulator(tmp_path, *options) as (process, transport):
        assert process.has_said("answering as MDM server for example.test; the users given")
        phone = drive(
            enroll(SETTINGS, private_key=load_key("device"), random=os.urandom, clock=now),
            transport,
        )
        outcome = drive(sync(phone, random=os.urandom, clock=now), transport)
        assert outcome.is_client_authenticated
        assert outcome.is_server_authenticated
        assert process.interrupt() == 0
    assert phone.account.provider_id == "FromFile"
    assert phone.schedule.first.count == 7
    found = {each.store: each.certificate for each in phone.certificates}
    assert found["My"].subject.x500_text().endswith(", OU=Option")
    assert phone.management_certificate(now()).found is not None
    for name, certificate in found.items():
        (tmp_path / f"{name}.pem").write_bytes(certificate_pem(certificate.der))
    verified = openssl_output(
        *("verify", "-x509_strict", "-purpose", "sslclient"),
        *("-CAfile", str(tmp_path / "Root.pem"), "-untrusted", str(tmp_path / "CA.pem")),
        str(tmp_path / "My.pem"),
    )
    assert b"OK" in verified
    assert not (tmp_path / "state" / "enrollment-ca.pem").exists()
