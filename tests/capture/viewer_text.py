"""Texts as SyncMLViewer saves them, written by hand after its public source (formats.md 5.4)."""

from __future__ import annotations

SERVER = "https://mdm.example.test/omadm"
DEVICE = "0123456789ABCDEF"
TRUNCATED = (
    "<!-- ignore this line, closing SyncML tag added to support parsing of truncated xml data -->"
)


def message(msg_id: int, body: str, *, is_device: bool, session: str = "1") -> str:
    """A pretty-printed message of either side."""
    source, target = (DEVICE, SERVER) if is_device else (SERVER, DEVICE)
    return f"""\
<SyncML xmlns="SYNCML:SYNCML1.2">
  <SyncHdr>
    <VerDTD>1.2</VerDTD>
    <VerProto>DM/1.2</VerProto>
    <SessionID>{session}</SessionID>
    <MsgID>{msg_id}</MsgID>
    <Target>
      <LocURI>{target}</LocURI>
    </Target>
    <Source>
      <LocURI>{source}</LocURI>
    </Source>
  </SyncHdr>
  <SyncBody>
{body}
    <Final />
  </SyncBody>
</SyncML>
"""


def status(cmd_id: int, command: str, *, ref: int, msg_ref: int = 1) -> str:
    """A Status of 200."""
    return f"""\
    <Status>
      <CmdID>{cmd_id}</CmdID>
      <MsgRef>{msg_ref}</MsgRef>
      <CmdRef>{ref}</CmdRef>
      <Cmd>{command}</Cmd>
      <Data>200</Data>
    </Status>"""


_DEV_INFO = {"DevId": DEVICE, "Man": "Contoso", "Mod": "PC", "DmV": "1.3", "Lang": "en-US"}
_ITEMS = "\n".join(
    f"""\
      <Item>
        <Source>
          <LocURI>./DevInfo/{name}</LocURI>
        </Source>
        <Data>{value}</Data>
      </Item>"""
    for name, value in _DEV_INFO.items()
)
PACKAGE1 = f"""\
    <Alert>
      <CmdID>2</CmdID>
      <Data>1201</Data>
    </Alert>
    <Replace>
      <CmdID>3</CmdID>
{_ITEMS}
    </Replace>"""
GET = """\
    <Get>
      <CmdID>4</CmdID>
      <Item>
        <Target>
          <LocURI>./DevDetail/SwV</LocURI>
        </Target>
      </Item>
    </Get>"""
RESULTS = """\
    <Results>
      <CmdID>3</CmdID>
      <MsgRef>1</MsgRef>
      <CmdRef>4</CmdRef>
      <Item>
        <Source>
          <LocURI>./DevDetail/SwV</LocURI>
        </Source>
        <Data>10.0.19045</Data>
      </Item>
    </Results>"""

FIRST = message(1, PACKAGE1, is_device=True)
_STATUSES = "\n".join(
    status(number, command, ref=ref)
    for number, (command, ref) in enumerate((("SyncHdr", 0), ("Alert", 2), ("Replace", 3)), 1)
)
SECOND = message(1, f"{_STATUSES}\n{GET}", is_device=False)
THIRD = message(
    2,
    f"{status(1, 'SyncHdr', ref=0)}\n{status(2, 'Get', ref=4)}\n{RESULTS}",
    is_device=True,
)
FOURTH = message(2, status(1, "SyncHdr", ref=0, msg_ref=2), is_device=False)

SAVE = f"""\
<!-- 24.11.2026 10:00:00 -->
<!-- OmaDmSessionStart -->
{FIRST}
<!-- 24.11.2026 10:00:01 -->
{SECOND}

OmaDmSendRequest
<!-- 24.11.2026 10:00:02 -->
{THIRD}
{FOURTH}
<!-- OmaDmSessionComplete -->
"""
