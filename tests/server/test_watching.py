"""Which node tells how far asynchronous work is: as the CSP pages name them, written by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mdmcore.records import JobResult, QueueState, WatchedNode
from mdmcore.server.watching import code_text, progress, read_nodes, started_work

NOW = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)


def result(command: str, code: str, uri: str, value: str | None = None) -> JobResult:
    return JobResult(job=1, position=0, command=command, uri=uri, code=code, value=value, at=NOW)


EAM = "./Vendor/MSFT/EnterpriseAppManagement/77/EnterpriseApps/Download/%7BA%7D"
MSI = "./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/%7BA%7D"
SCEP = "./Vendor/MSFT/CertificateStore/MY/SCEP/one"
APP = "./User/Vendor/MSFT/EnterpriseModernAppManagement/AppInstallation/My.App_1"


@pytest.mark.parametrize(
    ("command", "code", "uri", "profile", "status", "error"),
    [
        ("Exec", "200", f"{EAM}/DownloadInstall", "wp8", f"{EAM}/Status", f"{EAM}/LastError"),
        ("Exec", "202", f"{MSI}/DownloadInstall", "win10", f"{MSI}/Status", f"{MSI}/LastError"),
        ("Exec", "200", f"{SCEP}/Install/Enroll", "wp81", f"{SCEP}/Status", f"{SCEP}/ErrorCode"),
        ("Exec", "202", f"{APP}/HostedInstall", "win10", f"{APP}/Status", f"{APP}/LastError"),
        # A profile that does not have the node: what was accepted there is followed all the same.
        ("Exec", "200", f"{EAM}/DownloadInstall", "win10", f"{EAM}/Status", f"{EAM}/LastError"),
        ("Replace", "202", f"{EAM}/DownloadInstall", "wp8", f"{EAM}/Status", f"{EAM}/LastError"),
    ],
)
def test_the_node_with_the_progress_is_named(
    command: str, code: str, uri: str, profile: str, status: str, error: str
) -> None:
    (found,) = started_work([result(command, code, uri)], profile)
    assert (found.uri, found.error) == (status, error)
    assert read_nodes([found]) == (status, error)


@pytest.mark.parametrize(
    ("command", "code", "uri"),
    [
        ("Add", "200", f"{EAM}/DownloadInstall"),  # the Exec starts it
        ("Exec", "405", f"{EAM}/DownloadInstall"),
        ("Get", "200", f"{EAM}/DownloadInstall"),
        ("Exec", "200", "./Vendor/MSFT/RemoteWipe/doWipe"),
        ("Exec", "202", "./Nobody/Knows/This"),
        ("Exec", "202", ""),
    ],
)
def test_what_starts_nothing_is_not_followed(command: str, code: str, uri: str) -> None:
    assert started_work([result(command, code, uri)], "wp8") == ()


def test_two_commands_on_one_node_are_one_work() -> None:
    uri = f"{EAM}/DownloadInstall"
    assert (
        len(started_work([result("Replace", "202", uri), result("Exec", "200", uri)], "wp8")) == 1
    )


ONE = WatchedNode(uri="./X/Status", done=("5",), failed=("6",), error="./X/LastError")
TWO = WatchedNode(uri="./Y/Status", done=("1",))


def test_all_must_end_and_one_failure_ends_all() -> None:
    def seen(one: str, two: str) -> QueueState:
        answers = [result("Get", "200", ONE.uri, one), result("Get", "200", TWO.uri, two)]
        return progress((ONE, TWO), answers).state

    assert seen("5", "1") is QueueState.DONE
    assert seen("5", "0") is QueueState.RUNNING
    assert seen("3", "1") is QueueState.RUNNING
    assert seen("6", "0") is QueueState.FAILED


def test_a_node_that_is_gone_tells_nothing_any_more() -> None:
    seen = progress((TWO,), [result("Get", "404", TWO.uri)])
    assert seen.state is QueueState.FAILED
    assert seen.words == "Get ./Y/Status: 404 not found; how it ended is not known"


def test_another_error_may_pass() -> None:
    seen = progress((TWO,), [result("Get", "500", TWO.uri)])
    assert (seen.state, seen.words) == (
        QueueState.RUNNING,
        "Get ./Y/Status: 500 command failed",
    )
    assert progress((TWO,), []).state is QueueState.RUNNING


def test_the_prefix_of_a_device_does_not_matter() -> None:
    assert progress((TWO,), [result("Get", "200", "./Device/Y/Status", "1")]).state is (
        QueueState.DONE
    )


def test_an_endless_value_is_cut() -> None:
    assert len(progress((TWO,), [result("Get", "200", TWO.uri, "x" * 10_000)]).words) <= 200


def test_a_status_in_words() -> None:
    assert code_text(result("Get", "404", "./A")) == "404 not found"
    assert code_text(result("Get", "", "./A")) == "no Status"
    assert code_text(result("Get", "777", "./A")) == "777"
