"""HMAC in the HTTP header: every message is proved, none by Cred (ets.md DMX-120, DMX-121)."""

from __future__ import annotations

import pytest

from mdmcore.http import Response
from tests.ets import text as t
from tests.ets import wbxml
from tests.ets.device import DEVICE_ID, Bench, Device, queue, succeed
from tests.ets.text import Message
from tests.support.ets import SERVER

ets = pytest.mark.ets

NODE = "./Vendor/MSFT/DMClient/Provider/MDMProxy/EntDMID"


class Proved:
    """A device whose messages carry an HMAC, each with the nonce of the last answer."""

    def __init__(self, device: Device, *, is_wbxml: bool = False) -> None:
        self.device = device
        self.is_wbxml = is_wbxml
        self.nonce = device.nonce
        self.server_nonce = device.server_nonce

    def say(self, body: str, *, mac: str | None = None, **header: str) -> Message:
        self.device.msg_id += 1
        data = self.device.text(body, name=self.device.name, **header)
        data = wbxml.encode(data) if self.is_wbxml else data
        proof = t.mac_header(self.device.name, self.device.secret, self.nonce, data)
        headers = {"x-syncml-hmac": proof if mac is None else mac}
        kind = t.WBXML_TYPE if self.is_wbxml else t.XML_TYPE
        answer = self.device.bench.post(data, kind, **(headers if mac != "" else {}))
        assert answer.status == 200
        read = answer.body or b""
        message = Message(wbxml.decode(read) if self.is_wbxml else read)
        self.is_server_proved = self.check_server(answer, message)
        if message.next_nonce:
            self.nonce = message.next_nonce
        return message

    def check_server(self, answer: Response, message: Message) -> bool:
        """Whether the server proved itself by a MAC, which must be right, and by nothing else."""
        given = answer.headers.get(t.HMAC)
        if given is None:
            return False
        device = self.device
        mac = t.mac(device.provider_id, device.server_secret, self.server_nonce, answer.body or b"")
        assert f'username="{device.provider_id}"' in given
        assert given.rpartition("mac=")[2].strip('"') == mac
        assert not message.has("Cred")
        return True

    def open(self, **header: str) -> Message:
        return self.say(t.package_1(DEVICE_ID), **header)

    def go_on(self, answer: Message, **how: str | None) -> Message:
        ids = iter(range(2, 999))
        code, chal = "200", ""
        if self.is_server_proved:
            self.server_nonce = f"server nonce {self.device.msg_id:04}"[:16].encode()
            chal = t.chal(self.server_nonce, "MAC")
        elif answer.has("Cred"):
            code, chal = "212", t.chal(b"for the server..")
        body = t.status("1", answer.msg_id, "0", "SyncHdr", code, chal)
        body += "".join(succeed(command, answer.msg_id, ids) for command in answer.commands)
        return self.say(body, **how)  # type: ignore[arg-type]


@ets("DMX-120", SERVER)
@pytest.mark.parametrize("is_wbxml", [False, True])
def test_a_right_mac_opens_a_session(bench: Bench, device: Device, is_wbxml: bool) -> None:
    queue(bench, device, t.get("", NODE))
    proved = Proved(device, is_wbxml=is_wbxml)
    got = [proved.open()]
    while got[-1].commands:
        assert len(got) < 10
        got.append(proved.go_on(got[-1]))
    assert any(one.find("Get", NODE) is not None for one in got)
    assert bench.rows("select state from queue") == [{"state": "done"}]


@ets("DMX-120", SERVER)
def test_the_mac_is_over_the_bytes_as_sent(device: Device) -> None:
    device.msg_id = 1
    data = device.text(t.package_1(DEVICE_ID), name=device.name)
    proof = t.mac_header(device.name, device.secret, device.nonce, data)
    changed = data.replace(b"Lumia", b"lumia")
    answer = Message(device.bench.post(changed, **{"x-syncml-hmac": proof}).body or b"")
    assert answer.header_code == "401"
    assert answer.commands == []


@ets("DMX-120", SERVER)
def test_parts_of_the_header_in_any_order_and_without_padding(device: Device) -> None:
    device.msg_id = 1
    data = device.text(t.package_1(DEVICE_ID), name=device.name)
    mac = t.mac(device.name, device.secret, device.nonce, data).rstrip("=")
    answer = device.bench.post(data, **{"X-Syncml-Hmac": f'mac={mac},  username="{device.name}"'})
    assert Message(answer.body or b"").header_code == "200"


@ets("DMX-121", SERVER)
def test_each_message_gets_200_and_a_new_nonce(device: Device) -> None:
    proved = Proved(device)
    got, nonces = [proved.open()], [device.nonce]
    nonces.append(proved.nonce)
    while got[-1].commands:
        got.append(proved.go_on(got[-1]))
        nonces.append(proved.nonce)
    assert len(got) > 1
    assert [answer.header_code for answer in got] == ["200"] * len(got)
    assert len(set(nonces)) == len(got) + 1
    assert all(answer.next_nonce for answer in got)


@ets("DMX-121", SERVER)
@pytest.mark.parametrize("mac", ["", "algorithm=MD5, username=x, mac=AAAAAAAAAAAAAAAAAAAAAA=="])
def test_a_missing_or_wrong_mac_ends_the_session(bench: Bench, device: Device, mac: str) -> None:
    queue(bench, device, t.get("", NODE))
    proved = Proved(device)
    answer = proved.open()
    assert answer.header_code == "200"
    refused = proved.go_on(answer, mac=mac)
    assert refused.header_code in {"401", "407"}
    assert refused.commands == []


@ets("DMX-121", SERVER)
def test_the_nonce_of_the_last_message_holds_for_the_next_session(device: Device) -> None:
    proved = Proved(device)
    answer = proved.open()
    while answer.commands:
        answer = proved.go_on(answer)
    device.session_id, device.msg_id = "2", 0
    assert proved.open().header_code == "200"
