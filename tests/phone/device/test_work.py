"""The stages of work, and the numbers by which each CSP shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mdmcore.csp import find_node
from mdmcore.phone.device.work import (
    FINISHED,
    STATUS,
    STEP,
    Stage,
    Work,
    WorkKind,
    replaced,
    told_nodes,
    without,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STARTED_BY = {
    WorkKind.APP: "EnterpriseAppManagement/1/EnterpriseApps/Download/A/DownloadInstall",
    WorkKind.MSI: "EnterpriseDesktopAppManagement/MSI/A/DownloadInstall",
    WorkKind.MODERN_APP: "EnterpriseModernAppManagement/AppInstallation/A/HostedInstall",
    WorkKind.SCEP: "CertificateStore/MY/SCEP/A/Install/Enroll",
    WorkKind.CLIENT_SCEP: "ClientCertificateInstall/SCEP/A/Install/Enroll",
}


def work(product: str = "A", **changes: object) -> Work:
    values: dict[str, object] = {
        "kind": WorkKind.APP,
        "node": ("1", "EnterpriseApps", "Download", product),
        "product": product,
        "since": NOW,
        **changes,
    }
    return Work(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", list(WorkKind))
def test_work_ends_with_the_numbers_that_the_catalogue_waits_for(kind: WorkKind) -> None:
    node = find_node(f"./Vendor/MSFT/{STARTED_BY[kind]}")
    assert node is not None
    assert node.job is not None
    shown = {stage: str(number) for stage, number in STATUS[kind].items()}
    assert shown[Stage.INSTALLED] in node.job.done
    assert shown[Stage.INSTALL_FAILED] in node.job.failed
    assert shown[Stage.DOWNLOAD_FAILED] in node.job.failed
    unfinished = {shown[stage] for stage in Stage if stage not in FINISHED}
    assert not unfinished & {*node.job.done, *node.job.failed}


def test_the_statuses_of_company_apps_run_from_0_to_7() -> None:
    assert set(STATUS[WorkKind.APP].values()) == set(range(8))


def test_a_stage_ends_after_its_time() -> None:
    assert work().due == NOW + STEP
    assert work(stage=Stage.RETRYING, retry_minutes=5).due == NOW + timedelta(minutes=5)
    assert [work(stage=stage).due for stage in FINISHED] == [None] * 3


@pytest.mark.parametrize(("error", "text"), [(0, "0"), (1620, "1620"), (0x80072EFD, "-2147012867")])
def test_an_error_is_a_signed_number(error: int, text: str) -> None:
    assert told_nodes(work(error=error, reason="why")) == {
        "Status": "1",
        "LastError": text,
        "LastErrorDesc": "why",
    }


def test_newer_work_stands_for_older_at_the_same_node() -> None:
    first, second = work(version="1"), work(version="2")
    assert replaced((first, work("B")), second) == (work("B"), second)


def test_work_goes_with_its_node_or_one_above() -> None:
    works = (work("A"), work("B"), work("A", context="user"))
    assert without(works, WorkKind.APP, ("1", "EnterpriseApps", "Download", "A")) == works[1:]
    assert without(works, WorkKind.APP, ("1",)) == works[2:]
    assert without(works, WorkKind.MSI, ("1",)) == works
