"""Rules on commands that more than one message must be seen for: each speaks, and stays silent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdmcore.enrollment.policies import (
    PolicyResponse,
    serialize_get_policies,
    serialize_get_policies_response,
)
from mdmcore.enrollment.security import user_token
from mdmcore.namespaces import VALUE_TYPE_JWT, VALUE_TYPE_USER_TOKEN
from mdmcore.syncml.model import Alert, Command, Item, Meta
from tests.support.commands import atomic, command
from tests.support.lives import Sessions
from tests.support.story import (
    MESSAGE_ID,
    POLICY_URL,
    Story,
    answer,
    device_cred,
    package1,
    rules_of,
)

PHONE_APP = "./Vendor/MSFT/EnterpriseAppManagement/4000000001/EnterpriseApps/Download/%7BA%7D"
MSI = "./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/%7BA%7D/DownloadInstall"
LOCK = "./Vendor/MSFT/DeviceLock/Provider/ExampleMDM"
POLL = "./Vendor/MSFT/DMClient/Provider/ExampleMDM/Poll"
PUSH = "./Vendor/MSFT/DMClient/Provider/ExampleMDM/Push"
FIRST_SYNC = "./Vendor/MSFT/DMClient/Provider/ExampleMDM/FirstSyncStatus"
MAIL = "./Vendor/MSFT/ActiveSync/Accounts/%7BAAAA%7D/AccountName"
SCEP = "./Device/Vendor/MSFT/ClientCertificateInstall/SCEP/One/Install"
RETRY = "./Vendor/MSFT/Registry/HKLM/Software/Microsoft/Enrollment/OmaDmRetry/AuxRetryInterval"
USER_NODE = "./User/Vendor/MSFT/Policy/Config/Experience/AllowCortana"
GET = command("Get", "./DevDetail/SwV", cmd_id="5")


def login(status: str) -> Alert:
    meta = Meta(type="com.microsoft/MDM/LoginStatus", format="chr")
    return Alert(cmd_id="8", code="1224", items=(Item(meta=meta, data=status),))


def alone(found: object, rule: str) -> bool:
    return rules_of(found) == {rule}  # type: ignore[arg-type]


# --- exec-before-add


def test_an_exec_before_its_add() -> None:
    add = command("Add", f"{PHONE_APP}/Name", "App", cmd_id="7")
    execute = command("Exec", f"{PHONE_APP}/DownloadInstall", "0", cmd_id="6", format="int")
    assert "exec-before-add" in rules_of(Sessions("wp81").hold(execute, add))
    assert "exec-before-add" not in rules_of(Sessions("wp81").hold(add, execute))


def test_an_exec_of_a_node_that_was_added_earlier() -> None:
    sessions = Sessions("wp81")
    add = command("Add", f"{PHONE_APP}/Name", "App", cmd_id="7")
    execute = command("Exec", f"{PHONE_APP}/DownloadInstall", "0", cmd_id="6", format="int")
    sessions.hold(add)
    assert "exec-before-add" not in rules_of(sessions.hold(execute, add, codes={"7": "418"}))


# --- async-exec-not-polled


def test_a_job_that_nobody_looks_after() -> None:
    sessions = Sessions()
    job = command("Exec", MSI, "<MsiInstallJob/>", format="xml")
    assert rules_of(sessions.hold(job, code="202")) == set()
    found = [rules_of(sessions.hold()) for _ in range(4)]
    assert found == [set(), set(), {"async-exec-not-polled"}, set()]


@pytest.mark.parametrize("code", ["200", "404"])
def test_a_job_that_is_polled_or_never_began(code: str) -> None:
    sessions = Sessions()
    sessions.hold(command("Exec", MSI, "<MsiInstallJob/>", format="xml"), code=code)
    if code == "200":
        sessions.hold(command("Get", MSI.replace("DownloadInstall", "Status"), cmd_id="6"))
    assert [rules_of(sessions.hold()) for _ in range(3)] == [set(), set(), set()]


# --- resend-loop


def test_the_same_failure_in_three_sessions() -> None:
    sessions = Sessions()
    bad = command("Replace", "./Vendor/MSFT/NoSuchCSP/Node", "1")
    found = [rules_of(sessions.hold(bad, code="404")) for _ in range(3)]
    assert ["resend-loop" in rules for rules in found] == [False, False, True]


def test_a_failure_that_ends_or_changes() -> None:
    sessions = Sessions()
    bad = command("Replace", "./Vendor/MSFT/NoSuchCSP/Node", "1")
    for code in ("404", "404", "200", "404", "500"):
        assert "resend-loop" not in rules_of(sessions.hold(bad, code=code))


@pytest.mark.parametrize("code", ["401", "407"])
def test_commands_of_a_server_that_the_device_does_not_take_for_its_own(code: str) -> None:
    sessions = Sessions()
    bad = command("Replace", "./Vendor/MSFT/NoSuchCSP/Node", "1")
    for _ in range(3):
        assert "resend-loop" not in rules_of(sessions.hold(bad, code=code))


# --- user-scope-without-user


@pytest.mark.parametrize(("status", "speaks"), [("none", True), ("others", True), ("user", False)])
def test_user_nodes_without_a_user(status: str, speaks: bool) -> None:
    found = Sessions().hold(command("Replace", USER_NODE, "0", format="int"), told=(login(status),))
    assert ("user-scope-without-user" in rules_of(found)) is speaks


def test_a_device_that_does_not_tell_who_is_there() -> None:
    found = Sessions().hold(command("Replace", USER_NODE, "0", format="int"))
    assert "user-scope-without-user" not in rules_of(found)


# --- devicelock-inverted


@pytest.mark.parametrize(("value", "speaks"), [("1", True), ("0", False)])
def test_a_password_that_is_switched_off(value: str, speaks: bool) -> None:
    sessions = Sessions("wp8")
    sessions.hold(command("Add", f"{LOCK}/MinDevicePasswordLength", "6", format="int"))
    found = sessions.hold(command("Replace", f"{LOCK}/DevicePasswordEnabled", value, format="int"))
    assert ("devicelock-inverted" in rules_of(found)) is speaks


def test_switching_off_alone_is_no_mistake() -> None:
    found = Sessions("wp8").hold(command("Add", f"{LOCK}/DevicePasswordEnabled", "1", format="int"))
    assert "devicelock-inverted" not in rules_of(found)


# --- newpin-separate-message


def test_the_new_pin_is_read_too_late() -> None:
    sessions = Sessions("wp81")
    reset = command("Exec", "./Vendor/MSFT/RemoteLock/LockAndResetPIN")
    read = command("Get", "./Vendor/MSFT/RemoteLock/NewPINValue", cmd_id="6")
    assert "newpin-separate-message" not in rules_of(
        sessions.hold(atomic(reset, read, name="Sequence"))
    )
    sessions.hold(reset)
    assert "newpin-separate-message" in rules_of(sessions.hold(read))
    assert "newpin-separate-message" not in rules_of(Sessions("wp81").hold(read))


# --- activesync-guid-reused


def test_a_guid_that_was_used_before() -> None:
    sessions = Sessions("wp8")
    add = command("Add", MAIL, "Mail")
    assert "activesync-guid-reused" not in rules_of(sessions.hold(add))
    assert "activesync-guid-reused" in rules_of(sessions.hold(add))
    other = command("Add", MAIL.replace("AAAA", "BBBB"), "Mail")
    assert "activesync-guid-reused" not in rules_of(sessions.hold(other))


# --- schedule


def test_the_schedule_of_the_registry_is_written_in_a_session() -> None:
    found = Sessions("wp8").hold(command("Replace", RETRY, "5", format="int"))
    assert "omadmretry-changed-after-enrollment" in rules_of(found)
    read = Sessions("wp8").hold(command("Get", RETRY))
    assert "omadmretry-changed-after-enrollment" not in rules_of(read)


@pytest.mark.parametrize(("code", "speaks"), [("404", True), ("200", False)])
def test_below_poll_without_the_node(code: str, speaks: bool) -> None:
    ask = command("Get", f"{POLL}/NumberOfFirstRetries")
    assert ("poll-node-not-added" in rules_of(Sessions("wp81").hold(ask, code=code))) is speaks


# --- push


def pushed(sessions: Sessions) -> None:
    sessions.hold(command("Add", f"{PUSH}/PFN", "Example_8wekyb3d8bbwe"))


def test_a_channel_that_is_never_read() -> None:
    sessions = Sessions()
    pushed(sessions)
    found = [rules_of(sessions.hold()) for _ in range(3)]
    assert found == [set(), set(), {"push-channel-not-refreshed"}]


def test_a_channel_that_was_read_long_ago() -> None:
    sessions = Sessions()
    pushed(sessions)
    sessions.hold(command("Get", f"{PUSH}/ChannelURI"))
    assert rules_of(sessions.hold()) == set()
    sessions.story.now += timedelta(days=16)
    assert "push-channel-not-refreshed" in rules_of(sessions.hold())


# --- the enrolment status page


def test_a_status_page_that_is_never_released() -> None:
    sessions = Sessions()
    sessions.hold(command("Replace", f"{FIRST_SYNC}/TimeOutUntilSyncFailure", "60", format="int"))
    found = [rules_of(sessions.hold()) for _ in range(4)]
    assert found == [set(), set(), {"esp-never-released"}, set()]


def test_a_status_page_that_is_released() -> None:
    sessions = Sessions()
    sessions.hold(command("Replace", f"{FIRST_SYNC}/TimeOutUntilSyncFailure", "60", format="int"))
    done = command("Replace", f"{FIRST_SYNC}/ServerHasFinishedProvisioning", "true", format="bool")
    assert "esp-release-not-acked" not in rules_of(sessions.hold(done))
    assert [rules_of(sessions.hold()) for _ in range(4)] == [set()] * 4


def test_a_release_that_is_refused() -> None:
    done = command("Replace", f"{FIRST_SYNC}/ServerHasFinishedProvisioning", "true", format="bool")
    assert "esp-release-not-acked" in rules_of(Sessions().hold(done, code="405"))


# --- scep-enroll-exec-missing


def scep(*, with_exec: bool) -> tuple[Command, ...]:
    nodes = (command("Add", f"{SCEP}/ServerURL", "https://scep.example.test/scep", cmd_id="5"),)
    return (*nodes, command("Exec", f"{SCEP}/Enroll", cmd_id="6")) if with_exec else nodes


@pytest.mark.parametrize("with_exec", [True, False])
def test_scep_that_is_set_up(with_exec: bool) -> None:
    sessions = Sessions()
    sessions.hold(*scep(with_exec=with_exec))
    assert ("scep-enroll-exec-missing" in rules_of(sessions.hold())) is not with_exec
    assert rules_of(sessions.hold()) == set()


# --- remotelock-reset-on-aadj


@pytest.mark.parametrize(
    ("kind", "speaks"), [(VALUE_TYPE_JWT, True), (VALUE_TYPE_USER_TOKEN, False)]
)
def test_a_device_that_is_joined_to_entra_id(kind: str, speaks: bool) -> None:
    story = Story("win10")
    story.discover()
    asked = serialize_get_policies(
        security=user_token("token", kind), message_id=MESSAGE_ID, to=POLICY_URL
    )
    policy = PolicyResponse(
        policy_schema=3, minimal_key_length=2048, hash_oid_reference=None, oids=()
    )
    story.post(POLICY_URL, asked, serialize_get_policies_response(policy, relates_to=MESSAGE_ID))
    story.enroll()
    reset = command("Exec", "./Device/Vendor/MSFT/RemoteLock/LockAndResetPIN")
    found = story.sync(package1(cred=device_cred()), answer("2", "212", "1", reset))
    assert ("remotelock-reset-on-aadj" in rules_of(found.findings)) is speaks
