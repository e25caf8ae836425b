"""What a build lacks, and whom that concerns."""

from __future__ import annotations

from pathlib import Path

from mdmcore.cli.doctor.result import Level
from mdmcore.cli.doctor.tls import check_suites, check_versions
from mdmcore.mitm.tls_build import TlsBuild, tls_build
from mdmcore.tls_wire.suites import SUITE_NAMES
from tests.cli.doctor.setups import setup

ALL = TlsBuild(
    library="OpenSSL 1.0.1",
    versions=frozenset(range(0x0300, 0x0305)),
    suites=frozenset(SUITE_NAMES),
)


def test_a_build_with_everything_is_fine(tmp_path: Path) -> None:
    for check in (check_versions, check_suites):
        result = check(setup(tmp_path), build=ALL)
        assert result.level is Level.OK
        assert result.facts["lacking"] == []


def test_a_build_without_ssl3_serves_every_phone(tmp_path: Path) -> None:
    build = TlsBuild(library="x", versions=ALL.versions - {0x0300}, suites=ALL.suites)
    result = check_versions(setup(tmp_path), build=build)
    assert result.level is Level.OK
    assert "not SSL 3.0" in result.message


def test_a_build_without_tls_1_0_names_the_phones(tmp_path: Path) -> None:
    build = TlsBuild(library="x", versions=frozenset({0x0303, 0x0304}), suites=ALL.suites)
    result = check_versions(setup(tmp_path), build=build)
    assert result.level is Level.WARNING
    assert "TLS 1.0: Windows Phone 8.0 is believed to speak nothing newer [U]" in result.message
    assert result.fix


def test_missing_families_of_suites_are_named(tmp_path: Path) -> None:
    suites = frozenset(n for n, name in SUITE_NAMES.items() if "3DES" not in name)
    result = check_suites(
        setup(tmp_path), build=TlsBuild(library="x", versions=ALL.versions, suites=suites)
    )
    assert result.level is Level.WARNING
    assert "none with 3DES: devices" in result.message
    assert "[U]" in result.message
    assert "no shared cipher" in result.fix
    lacking = result.facts["lacking"]
    assert isinstance(lacking, list)
    assert "TLS_RSA_WITH_3DES_EDE_CBC_SHA" in lacking
    assert "TLS_RSA_WITH_RC4_128_SHA" not in lacking


def test_the_build_at_hand_is_described(tmp_path: Path) -> None:
    result = check_suites(setup(tmp_path))
    offered = result.facts["offered"]
    assert isinstance(offered, list)
    assert len(offered) == len(tls_build().suites)
    assert "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" in offered
