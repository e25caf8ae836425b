"""Messages to start from; a test changes only what it is about."""

from __future__ import annotations

from mdmcore.namespaces import AUTH_MD5
from mdmcore.syncml.model import (
    Alert,
    Chal,
    Command,
    Container,
    Cred,
    Item,
    Meta,
    Results,
    Status,
    SyncHdr,
    SyncML,
)

DEVICE = "urn:uuid:00000000-0000-4000-8000-00000000ABCD"
SERVER = "https://mdm.example.test/dm"

HEADER = SyncHdr(
    session_id="1A",
    msg_id="1",
    target=DEVICE,
    source=SERVER,
    source_name="ExampleMDM",
    cred=Cred(type=AUTH_MD5, format="b64", data="h0ymOKkz/d8zfICpEX+pFg=="),
)

PACKAGE_2 = SyncML(
    header=HEADER,
    commands=(
        Status(
            cmd_id="1",
            msg_ref="1",
            cmd_ref="0",
            cmd="SyncHdr",
            target_refs=(SERVER,),
            source_refs=(DEVICE,),
            chal=Chal(
                type=AUTH_MD5,
                format="b64",
                next_nonce=bytes.fromhex("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0"),
            ),
            data="212",
        ),
        Status(cmd_id="2", msg_ref="1", cmd_ref="2", cmd="Alert", data="200"),
        Status(cmd_id="3", msg_ref="1", cmd_ref="3", cmd="Replace", data="200"),
        Command(name="Get", cmd_id="4", items=(Item(target="./DevDetail/SwV"),)),
    ),
)
"""The server's answer as session.md 1.3 prints it."""

EVERYTHING = SyncML(
    header=HEADER,
    commands=(
        Alert(
            cmd_id="1",
            code="1226",
            items=(
                Item(
                    meta=Meta(type="com.microsoft:mdm.unenrollment.userrequest", format="int"),
                    data="1",
                ),
            ),
        ),
        Results(
            cmd_id="2",
            msg_ref="1",
            cmd_ref="4",
            items=(Item(source="./DevDetail/SwV", data=" 8.10 <&> \r\n"),),
        ),
        Container(
            name="Atomic",
            cmd_id="3",
            commands=(
                Command(
                    name="Add",
                    cmd_id="4",
                    items=(
                        Item(
                            target="./Vendor/MSFT/Test",
                            meta=Meta(format="b64", type="text/plain", size="8"),
                            data="AAECAwQ=",
                            more_data=True,
                        ),
                    ),
                ),
                Command(name="Exec", cmd_id="5", items=(Item(target="./Vendor/MSFT/Run"),)),
            ),
        ),
        Status(
            cmd_id="6",
            msg_ref="1",
            cmd_ref="5",
            cmd="Exec",
            data="500",
            original_error="0x86000002",
        ),
    ),
    is_final=False,
)


def document(
    body: str = "", *, header: str | None = None, namespace: str = "SYNCML:SYNCML1.2"
) -> bytes:
    """A message by hand: a whole header unless one is given, and the content of SyncBody."""
    if header is None:
        header = (
            "<VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>0</SessionID>"
            "<MsgID>1</MsgID><Target><LocURI>https://mdm.example.test/dm</LocURI></Target>"
            "<Source><LocURI>device</LocURI></Source>"
        )
    return (
        f'<SyncML xmlns="{namespace}"><SyncHdr>{header}</SyncHdr>'
        f"<SyncBody>{body}</SyncBody></SyncML>"
    ).encode()
