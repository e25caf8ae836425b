"""The watch over the pure rooms sees what it should, and no more."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support import purity


def call_from(file: str, source: str) -> None:
    """Run source text as if it stood in that file of mdmcore."""
    exec(compile(source, str(Path(purity._PACKAGE) / file), "exec"), {"__name__": "pretended"})


def test_a_pure_room_that_opens_a_file_or_socket_is_seen() -> None:
    call_from("phone/pretended.py", "open('/etc/hostname').close()")
    call_from("server/pretended.py", "import socket; socket.socket().close()")
    assert len(purity.violations) == 2
    purity.violations.clear()


def test_the_edges_may(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    call_from("cli/pretended.py", f"open({str(tmp_path / 'x')!r}).close()")
    call_from("store/pretended.py", f"open({str(tmp_path / 'x')!r}).close()")
    assert purity.violations == []


def test_a_package_may_read_its_own_data() -> None:
    catalogue = Path(purity._PACKAGE) / "rules" / "__init__.py"
    call_from("rules/pretended.py", f"open({str(catalogue)!r}).close()")
    assert purity.violations == []


def test_an_import_may_keep_what_it_compiled(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "imported_late.py").write_text("X = 1")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    call_from("pki/pretended.py", "import imported_late")
    monkeypatch.delitem(sys.modules, "imported_late")
    assert list(tmp_path.glob("__pycache__/*.pyc"))
    assert purity.violations == []


def test_what_a_test_does_when_it_is_called_is_its_own() -> None:
    def transport() -> None:
        Path(__file__).open().close()

    code = compile("call()", str(Path(purity._PACKAGE) / "phone" / "drive.py"), "exec")
    exec(code, {"call": transport})
    assert purity.violations == []
