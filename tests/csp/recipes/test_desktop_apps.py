"""MSI packages: Add before Exec, and a job that nothing can break out of."""

from __future__ import annotations

import pytest
from lxml import etree

from mdmcore.errors import ConfigError
from tests.support.recipes import body, built, items, sent_values
from tests.support.syncml_text import normal

MSI = "./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI"
ID = "1803A630-3C38-4D2B-9B9A-0CB37243539C"
PRODUCT = f"{MSI}/%7B{ID}%7D"
JOB = {
    "product_id": ID,
    "url": "https://a.example.test/a.msi",
    "sha256": "134d8f1f7c3c036dc3dcda9f97515c8c7951db154b73365c9c22962bd23e3eb3",
    "version": "1.0.0",
}
#: The form of the job in the EnterpriseDesktopAppManagement CSP page.
EXPECTED = f"""<MsiInstallJob id="{{{ID}}}"><Product Version="1.0.0">
 <Download><ContentURLList><ContentURL>https://a.example.test/a.msi</ContentURL>
  <ContentURL>https://b.example.test/a.msi?x=1&amp;y=2</ContentURL></ContentURLList></Download>
 <Validation><FileHash>134D8F1F7C3C036DC3DCDA9F97515C8C7951DB154B73365C9C22962BD23E3EB3</FileHash>
 </Validation>
 <Enforcement><CommandLine>/quiet KEY="&lt;a&gt;"</CommandLine><TimeOut>5</TimeOut>
  <RetryCount>3</RetryCount><RetryInterval>5</RetryInterval></Enforcement>
</Product></MsiInstallJob>"""


def c14n(text: str | None) -> str:
    parser = etree.XMLParser(remove_blank_text=True)
    return etree.tostring(etree.fromstring(text or "", parser), method="c14n2").decode()


def test_the_node_is_added_and_then_the_job_runs() -> None:
    urls = "https://a.example.test/a.msi,https://b.example.test/a.msi?x=1&y=2"
    made = built("msi-install", "win10", command_line='/quiet KEY="<a>"', **{**JOB, "url": urls})
    (sequence,) = made
    assert sequence.name == "Sequence"
    (add, added), (execute, job) = items(made)
    assert (add, added.target, added.data) == ("Add", f"{PRODUCT}/DownloadInstall", None)
    assert (execute, job.target) == ("Exec", f"{PRODUCT}/DownloadInstall")
    assert job.meta is not None
    assert job.meta.format == "xml"
    assert c14n(job.data) == c14n(EXPECTED)
    # Escaped once: field-problems.md 2.3, 48.
    assert "&lt;MsiInstallJob" in body(made)
    assert "&amp;lt;MsiInstallJob" not in body(made)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"product_id": "myApp"}, "product-id must be a GUID"),
        ({"url": "file:///a.msi"}, "url must be an http or https address, not 'file:///a.msi'"),
        ({"sha256": "134D"}, "sha256 must be 64 hexadecimal digits"),
        ({"version": "1.0-beta"}, "version must be one to four numbers"),
        ({"timeout_minutes": "0"}, "timeout-minutes must be 1 to 1440, not '0'"),
        ({"retry_count": "101"}, "retry-count must be 0 to 100, not '101'"),
    ],
)
def test_a_job_that_cannot_run_is_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=f"^{message}"):
        built("msi-install", "win10", **{**JOB, **values})


def test_a_package_is_followed_and_removed() -> None:
    read = [item.target for _, item in items(built("msi-status", "win10", product_id=ID))]
    assert read == [f"{PRODUCT}/{leaf}" for leaf in ("Status", "LastError", "LastErrorDesc")]
    expected = f"<Delete><Item><Target><LocURI>{PRODUCT}</LocURI></Target></Item></Delete>"
    assert normal(body(built("msi-remove", "win10", product_id=ID))) == normal(expected)


def test_an_install_for_a_user() -> None:
    made = built("msi-install", "win10", scope="user", **JOB)
    assert all(uri.startswith("./User/Vendor/") for uri in sent_values(made))
