"""The helper behind every skipped test: absent means skipped, required and absent means failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import requirements


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shared folder of this test's own, with captures but no schemas; nothing is required."""
    (tmp_path / "captures").mkdir()
    (tmp_path / "captures" / "one.mitm").write_bytes(b"1")
    monkeypatch.setenv("MDMPROXY_SHARED", str(tmp_path))
    monkeypatch.delenv("MDMPROXY_REQUIRE", raising=False)
    return tmp_path


def test_present_things_are_found(shared: Path) -> None:
    assert requirements.require("captures") == shared.resolve() / "captures"
    assert requirements.shared_file("captures", "one.mitm").read_bytes() == b"1"


@pytest.mark.parametrize("path", [("schemas",), ("captures", "two.mitm")])
def test_absent_things_skip(shared: Path, path: tuple[str, ...]) -> None:
    with pytest.raises(pytest.skip.Exception, match=f"needs {path[0]}"):
        requirements.shared_file(*path)


@pytest.mark.parametrize("path", [("schemas",), ("captures", "two.mitm")])
def test_required_things_fail(
    shared: Path, path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MDMPROXY_REQUIRE", "captures, schemas")
    with pytest.raises(pytest.fail.Exception, match=f"names {path[0]}"):
        requirements.shared_file(*path)


def test_an_absent_program_skips_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "PROGRAMS", {"curl": ("no-such-program",)})
    monkeypatch.delenv("MDMPROXY_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-program"):
        requirements.require_program("curl")
    monkeypatch.setenv("MDMPROXY_REQUIRE", "curl")
    with pytest.raises(pytest.fail.Exception, match="names curl"):
        requirements.require_program("curl")


def test_the_default_is_beside_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MDMPROXY_SHARED", raising=False)
    checkout = Path(__file__).resolve().parents[2]
    assert requirements.shared_directory() == (checkout.parent / "shared").resolve()


def test_an_unknown_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MDMPROXY_REQUIRE", "capture")
    with pytest.raises(pytest.UsageError, match="names capture; known are captures"):
        requirements.required_names()
