"""``mdmproxy digest``: the published vectors, what a wrong digest comes from, and bad options."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from mdmcore.cli.main import run

D1 = ("ExampleMDM", "s3cr3t-srv-0001", "AAECAwQFBgcICQoLDA0ODw==")
D1_DIGEST = "h0ymOKkz/d8zfICpEX+pFg=="
D3 = ("ExampleMDM", "p:w with:colons", "AP86Cg0AwygBgP7/IAl/gA==")


def arguments(account: tuple[str, str, str], *more: str) -> list[str]:
    name, secret, nonce = account
    return ["digest", "--name", name, "--secret", secret, "--nonce", nonce, *more]


@pytest.mark.parametrize(
    ("account", "inner", "digest"),
    [
        # The first is printed in DMPRO 9.4.2 and DMREP 4.1.1.6.
        (
            ("Bruce2", "OhBehave", "Tm9uY2U="),
            "PtEdr8lBQ45IbT1bZIkrOQ==",
            "Zz6EivR3yeaaENcRN6lpAQ==",
        ),
        (D1, "bnSUUmua2WF8wds1gEELpg==", D1_DIGEST),
        (
            ("device-7f3a", "s3cr3t-cli-0001", "//79/Pv6+fj39vX08/Lx8A=="),
            "j5c+M3laEPnMPNAdKL7QrA==",
            "s/kbqcGB3YTgtzNZ5MCKwA==",
        ),
        (D3, "cYMxArbn/B4LkElWOwhhsg==", "8+alXo4TZtzercS5QSx+0w=="),
        (
            ("Gerät-Ä", "pässwörd", "AAAAAAAAAAAAAAAAAAAAAA=="),
            "2NjCwf68n5AtGBw/vwHTrw==",
            "+SiqmOhzqg8HZIY15C1CWA==",
        ),
        ((*D1[:2], ""), "bnSUUmua2WF8wds1gEELpg==", "Bw/tQy5j+Q2SaD9KPjnLQQ=="),
    ],
)
def test_published_vectors(
    account: tuple[str, str, str],
    inner: str,
    digest: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(arguments(account)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f"digest        {digest}", f"inner digest  {inner}"]
    assert run(arguments(account, "--given", digest)) == 0
    assert "is this digest" in capsys.readouterr().out


def test_the_published_basic_credential(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments(("Bruce2", "OhBehave", "Tm9uY2U="), "--format", "json")) == 0
    assert json.loads(capsys.readouterr().out) == {
        "digest": "Zz6EivR3yeaaENcRN6lpAQ==",
        "inner_digest": "PtEdr8lBQ45IbT1bZIkrOQ==",
        "basic": "QnJ1Y2UyOk9oQmVoYXZl",
        "matches": None,
        "mistake": None,
        "explanation": "",
    }


@pytest.mark.parametrize(
    ("account", "given", "mistake"),
    [
        (D1, "yldjXG+Ltj7SowbgZ1uf3w==", "digest-nonce-not-decoded"),
        (D1, "uG9usC1vsP0zUQUnd2lC0w==", "digest-inner-hash-hex"),
        (D1, "lPK3pmt6x6QAgh8xdWDofw==", "digest-inner-hash-raw"),
        (D1, "QahdSU/UQVNznZv4mw9eLw==", "digest-missing-colon"),
        (D1, "ODc0Y2E2MzhhOTMzZmRkZjMzN2M4MGE5MTE3ZmE5MTY=", "digest-hex-then-base64"),
        (D1, "Bw/tQy5j+Q2SaD9KPjnLQQ==", "digest-nonce-ignored"),
        (D3, "3XZwt3TpaHOZLEj92HWr9w==", "digest-nonce-decoded-as-text"),
        (("EXAMPLEMDM", *D1[1:]), D1_DIGEST, None),
        (("examplemdm", *D1[1:]), D1_DIGEST, None),
        (D1, "AAAAAAAAAAAAAAAAAAAAAA==", None),
    ],
)
def test_a_wrong_digest_is_explained(
    account: tuple[str, str, str],
    given: str,
    mistake: str | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(arguments(account, "--given", given, "--format", "json")) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["matches"], answer["mistake"]) == (False, mistake)
    assert answer["explanation"]
    assert run(arguments(account, "--given", given)) == 1
    out = capsys.readouterr().out
    assert "IS NOT this digest" in out
    assert (mistake or "No known mistake") in out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("RXhhbXBsZU1ETTpzM2NyM3Qtc3J2LTAwMDE=", "the Basic credential"),
        ("!!!", "not base64"),
        ("AAAA", "decodes to 3 bytes"),
    ],
)
def test_what_is_no_digest_at_all(
    given: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments(D1, "--given", given)) == 1
    assert said in capsys.readouterr().out


def test_the_name_in_another_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments(("BRUCE2", "OhBehave", "Tm9uY2U="), "--format", "json")) == 0
    upper = json.loads(capsys.readouterr().out)["digest"]
    assert run(arguments(("Bruce2", "OhBehave", "Tm9uY2U="), "--given", upper)) == 1
    out = capsys.readouterr().out
    assert "digest-user-not-provider-id" in out
    assert "lower or upper case" in out


def stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_the_secret_comes_from_stdin(
    end: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stdin(monkeypatch, D1[1].encode() + end)
    assert run(arguments((D1[0], "-", D1[2]))) == 0
    assert D1_DIGEST in capsys.readouterr().out


@pytest.mark.parametrize("data", [b"\xff", bytes(70_000)])
def test_a_secret_that_cannot_be_read(
    data: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stdin(monkeypatch, data)
    assert run(arguments((D1[0], "-", D1[2]))) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--secret -: stdin" in line


@pytest.mark.parametrize(
    ("account", "option"),
    [
        (("a", "b", "nonce"), "--nonce"),
        (("\udcff", "b", "AAAA"), "--name"),
        (("a", "\udcff", "AAAA"), "--secret"),
    ],
)
def test_bad_options_are_one_line(
    account: tuple[str, str, str], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments(account)) == 2
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    assert option in line
    assert captured.out == ""


def test_a_file_takes_the_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments(D1, "-o", str(tmp_path / "x"))) == 0
    assert D1_DIGEST in (tmp_path / "x").read_text("utf-8")
    assert capsys.readouterr().out == ""
