"""Messages for property tests: any that the model can hold, and such as the schemas allow."""

from __future__ import annotations

from hypothesis import strategies as st

from mdmcore.namespaces import METINF, SYNCML_11, SYNCML_12
from mdmcore.syncml.model import (
    COMMAND_NAMES,
    CONTAINER_NAMES,
    Alert,
    Chal,
    Command,
    Container,
    Cred,
    Item,
    Meta,
    OtherElement,
    Results,
    Status,
    SyncHdr,
    SyncML,
    UnknownCommand,
)

XML_CHARACTERS = st.characters(
    codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"
) | st.sampled_from("\t\n\r\x7f\x85<>&")

exact = st.text(XML_CHARACTERS, max_size=6)
"""Text that is kept to the last blank, as in Item/Data."""
trimmed = exact.map(str.strip)
"""Text as the reader gives it: without leading and trailing blanks."""
filled = trimmed.filter(bool)
optional = st.none() | trimmed
fragments = st.sampled_from(
    [
        "<DevInf><VerDTD>1.2</VerDTD></DevInf>",
        '<DevInf xmlns="syncml:devinf">a<Man/>b<!-- no --><Mod xmlns="">c</Mod></DevInf>',
        'text <a xmlns:p="urn:p" p:q="1" r="&lt;&quot;&#10;"><p:b/><![CDATA[<&>]]></a> tail',
    ]
)

strange = OtherElement(
    name="Strange",
    namespace="urn:strange",
    content='a<b xmlns="">1</b><c/>',
    attributes=(("x", " \n<"), ("{urn:y}z", "1")),
)
bare = OtherElement(name="Bare", namespace="", content="<Inner/>")
elsewhere = st.sampled_from([(), (strange,), (bare,), (strange, bare)])
"""Elements that no message has a place for."""
meta_others = st.sampled_from(
    [
        (),
        (
            OtherElement(name="Anchor", namespace=METINF, content="<Last>1</Last><Next>2</Next>"),
            OtherElement(name="FieldLevel", namespace=METINF),
            OtherElement(name="Strange", namespace=METINF, content="1"),
        ),
    ]
)

any_meta = st.builds(
    Meta,
    format=optional,
    type=optional,
    mark=optional,
    size=optional,
    next_nonce_text=optional,
    version=optional,
    max_msg_size=optional,
    max_obj_size=optional,
    emi=st.lists(trimmed, max_size=2).map(tuple),
    others=meta_others,
)
any_cred = st.builds(Cred, type=trimmed, format=trimmed, data=filled, others=meta_others)
any_chal = st.builds(
    Chal,
    type=trimmed,
    format=trimmed,
    next_nonce=st.none() | st.binary(),
    others=meta_others,
)


@st.composite
def any_items(draw: st.DrawFn) -> Item:
    """An item with any content; a name only beside its LocURI."""
    target, source = draw(optional), draw(optional)
    return Item(
        target=target,
        target_name=None if target is None else draw(optional),
        target_others=() if target is None else draw(elsewhere),
        source=source,
        source_name=None if source is None else draw(optional),
        source_others=() if source is None else draw(elsewhere),
        source_parent=draw(optional),
        target_parent=draw(optional),
        meta=draw(st.none() | any_meta),
        data=draw(st.none() | exact),
        more_data=draw(st.booleans()),
        others=draw(elsewhere),
    )


item_lists = st.lists(any_items(), max_size=3).map(tuple)
any_alert = st.builds(
    Alert,
    cmd_id=trimmed,
    code=trimmed,
    no_resp=st.booleans(),
    cred=st.none() | any_cred,
    correlator=optional,
    items=item_lists,
    others=elsewhere,
)
any_command = st.builds(
    Command,
    name=st.sampled_from(COMMAND_NAMES),
    cmd_id=trimmed,
    no_resp=st.booleans(),
    cred=st.none() | any_cred,
    meta=st.none() | any_meta,
    correlator=optional,
    items=item_lists,
    others=elsewhere,
)
any_unknown = st.builds(
    UnknownCommand,
    name=st.sampled_from(["Put", "Sync", "Map", "Foo"]),
    cmd_id=trimmed,
    others=elsewhere,
)
any_nested = st.recursive(
    any_alert | any_command | any_unknown,
    lambda inner: st.builds(
        Container,
        name=st.sampled_from(CONTAINER_NAMES),
        cmd_id=trimmed,
        no_resp=st.booleans(),
        meta=st.none() | any_meta,
        commands=st.lists(inner, max_size=3).map(tuple),
    ),
    max_leaves=4,
)
any_status = st.builds(
    Status,
    cmd_id=trimmed,
    msg_ref=trimmed,
    cmd_ref=trimmed,
    cmd=trimmed,
    target_refs=st.lists(trimmed, max_size=2).map(tuple),
    source_refs=st.lists(trimmed, max_size=2).map(tuple),
    cred=st.none() | any_cred,
    chal=st.none() | any_chal,
    data=filled,
    original_error=optional.filter(lambda text: text is None or text == " ".join(text.split())),
    items=item_lists,
    others=elsewhere,
)
any_results = st.builds(
    Results,
    cmd_id=trimmed,
    msg_ref=trimmed,
    cmd_ref=trimmed,
    cmd=trimmed,
    meta=st.none() | any_meta,
    target_ref=optional,
    source_ref=optional,
    items=item_lists,
    others=elsewhere,
)
any_header = st.builds(
    SyncHdr,
    ver_dtd=filled,
    ver_proto=filled,
    session_id=filled,
    msg_id=filled,
    target=filled,
    target_name=optional,
    target_others=elsewhere,
    source=filled,
    source_name=optional,
    source_others=elsewhere,
    resp_uri=optional,
    no_resp=st.booleans(),
    cred=st.none() | any_cred,
    meta=st.none() | any_meta,
    others=elsewhere,
)
any_message = st.builds(
    SyncML,
    header=any_header,
    commands=st.lists(any_nested | any_status | any_results, max_size=4).map(tuple),
    is_final=st.booleans(),
    namespace=st.sampled_from([SYNCML_12, SYNCML_11]),
)

# --- messages that the Windows RELAX NG allows --------------------------------------------------

_number = st.integers(min_value=0, max_value=2**31).map(str)
_id = st.integers(min_value=1, max_value=2**31).map(str)
_line = filled.filter(lambda text: not set(text) & set("\t\n\r"))
_location = {"target": st.none() | _line, "source": st.none() | _line}
_formats = st.sampled_from(["b64", "bin", "bool", "chr", "int", "node", "null", "xml", "float"])
_valid_meta = st.builds(
    Meta,
    format=st.none() | _formats,
    type=optional,
    mark=optional,
    size=st.none() | _number,
    next_nonce=st.none() | st.binary(),
    max_msg_size=st.none() | _number,
    max_obj_size=st.none() | _number,
)
_valid_cred = st.builds(Cred, type=trimmed, format=st.just("b64"), data=filled)
_valid_chal = st.builds(
    Chal, type=trimmed, format=st.just("b64"), next_nonce=st.none() | st.binary()
)
_valid_item = st.builds(
    Item,
    **_location,
    meta=st.none() | _valid_meta,
    data=st.none() | exact,
    more_data=st.booleans(),
)
_some_items = st.lists(_valid_item, min_size=1, max_size=3).map(tuple)
_valid_alert = st.builds(
    Alert,
    cmd_id=_id,
    code=_number,
    correlator=optional,
    items=st.lists(_valid_item, max_size=2).map(tuple),
)
_valid_command = st.builds(
    Command,
    name=st.sampled_from(["Add", "Replace", "Delete", "Get"]),
    cmd_id=_id,
    meta=st.none() | _valid_meta,
    items=_some_items,
) | st.builds(
    Command,
    name=st.just("Exec"),
    cmd_id=_id,
    meta=st.none() | _valid_meta,
    correlator=optional,
    items=st.tuples(_valid_item),
)
_atomic = st.builds(
    Container,
    name=st.just("Atomic"),
    cmd_id=_id,
    meta=st.none() | _valid_meta,
    commands=st.lists(_valid_command, min_size=1, max_size=3).map(tuple),
)
_sequence = st.builds(
    Container,
    name=st.just("Sequence"),
    cmd_id=_id,
    commands=st.lists(_valid_command | _valid_alert | _atomic, min_size=1, max_size=3).map(tuple),
)
_valid_status = st.builds(
    Status,
    cmd_id=_id,
    msg_ref=_number,
    cmd_ref=_number,
    cmd=st.sampled_from(["SyncHdr", "Add", "Alert", "Get", "Replace", "Exec", "Atomic"]),
    target_refs=st.lists(trimmed, max_size=2).map(tuple),
    source_refs=st.lists(trimmed, max_size=2).map(tuple),
    cred=st.none() | _valid_cred,
    chal=st.none() | _valid_chal,
    data=st.integers(min_value=100, max_value=599).map(str),
    original_error=st.none() | st.sampled_from(["0x86000002", "0X1"]),
    items=st.lists(_valid_item, max_size=2).map(tuple),
)
_valid_results = st.builds(
    Results,
    cmd_id=_id,
    msg_ref=_number,
    cmd_ref=_number,
    meta=st.none() | _valid_meta,
    target_ref=optional,
    source_ref=optional,
    items=_some_items,
)
valid_message = st.builds(
    SyncML,
    header=st.builds(
        SyncHdr,
        session_id=_line,
        msg_id=_id,
        target=_line,
        target_name=optional,
        source=_line,
        source_name=optional,
        resp_uri=optional,
        cred=st.none() | _valid_cred,
        meta=st.none() | _valid_meta,
    ),
    commands=st.lists(
        _valid_status | _valid_results | _valid_alert | _valid_command | _atomic | _sequence,
        min_size=1,
        max_size=4,
    ).map(tuple),
    is_final=st.booleans(),
)
