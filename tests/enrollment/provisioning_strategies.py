"""Any content of a provisioning document that a device can use."""

from __future__ import annotations

from hypothesis import strategies as st

from mdmcore.enrollment.provisioning import Characteristic, Parm
from mdmcore.enrollment.provisioning_model import (
    Application,
    ApplicationParms,
    CertificateStore,
    DeviceCredential,
    DmClientBranch,
    Poll,
    Provisioning,
    Registry,
    Renew,
    Schedule,
    ServerCredential,
)
from mdmcore.enrollment.provisioning_view import AppManagement
from mdmcore.records import AuthScheme

TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20
)
NAMES = st.text(st.sampled_from("ABCabc123-_. &<>'\"é"), min_size=1, max_size=12).filter(
    lambda text: text == text.strip()
)
URLS = st.builds(
    "https://{}.example.test/{}".format,
    st.sampled_from(["mdm", "a-b", "x1"]),
    st.sampled_from(["", "x?y=z&w", "MDM.svc"]),
)
OCTETS = st.binary(min_size=1, max_size=40)
COUNTS = st.integers(1, 0x7FFF_FFFF)
DATATYPES = st.sampled_from([None, "string", "integer", "boolean"])
PARMS = st.builds(Parm, name=NAMES, value=st.one_of(st.none(), TEXTS), datatype=DATATYPES).filter(
    lambda parm: parm.name.lower() not in {"entdmid", "upn"}
)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """A schedule by the rules of enrollment.md 9.5."""
    second = draw(st.one_of(st.just((0, 0)), st.tuples(COUNTS, COUNTS)))
    remaining = draw(
        st.one_of(st.just((0, 0)), st.tuples(COUNTS, COUNTS), st.tuples(st.just(0), COUNTS))
    )
    return Schedule(
        first_retries=draw(COUNTS),
        first_interval=draw(COUNTS),
        second_retries=second[0],
        second_interval=second[1],
        remaining_retries=remaining[0],
        remaining_interval=remaining[1],
    )


@st.composite
def renewals(draw: st.DrawFn) -> Renew:
    """A renewal with values in their range."""
    period = draw(st.integers(1, 1000))
    return Renew(
        robo_support=draw(st.booleans()),
        renew_period=period,
        retry_interval=draw(st.integers(1, period)),
        server_url=draw(st.one_of(st.just(""), URLS)),
    )


@st.composite
def application_parms(draw: st.DrawFn) -> ApplicationParms:
    """Any of the free parms."""
    first = draw(st.one_of(st.none(), st.integers(0, 60_000)))
    last = draw(st.one_of(st.none(), st.integers(60_000, 0x7FFF_FFFF)))
    encodings = ["application/vnd.syncml.dm+xml", "application/vnd.syncml.dm+wbxml"]
    return ApplicationParms(
        conn_retry_freq=draw(st.one_of(st.none(), st.integers(0, 100))),
        initial_backoff_time=first,
        max_backoff_time=last,
        backcompat_retry_disabled=draw(st.booleans()),
        default_encoding=draw(st.sampled_from(encodings)),
        proto_ver=draw(st.sampled_from(["", "1.1", "1.2"])),
        role=draw(st.one_of(st.none(), st.integers(1, 0xFFFF_FFFF))),
        to_napid=draw(TEXTS),
        use_hw_dev_id=draw(st.booleans()),
        ssp_hyperlink=draw(TEXTS),
        server_list=draw(st.one_of(st.just(""), URLS)),
        crl_check=draw(st.one_of(st.none(), st.booleans())),
    )


@st.composite
def device_credentials(draw: st.DrawFn) -> DeviceCredential:
    """With a nonce for a digest, without for Basic."""
    scheme = draw(st.sampled_from([AuthScheme.BASIC, AuthScheme.MD5]))  # HMAC is none of w7
    return DeviceCredential(
        name=draw(NAMES),
        secret=draw(NAMES),
        scheme=scheme,
        nonce=draw(OCTETS) if scheme is AuthScheme.MD5 else b"",
    )


HUBS = st.builds(
    AppManagement,
    enterprise_id=st.integers(0, 0xFFFF_FFFF).map(str),
    enrollment_token=NAMES,
    store_product_id=st.one_of(st.none(), TEXTS),
    store_uri=st.one_of(st.none(), TEXTS),
    store_name=st.one_of(st.none(), TEXTS),
    certificate_search_criteria=st.one_of(st.none(), TEXTS),
    crl_check=st.sampled_from([None, "0", "1"]),
)
EXTRA = st.recursive(
    st.builds(
        Characteristic,
        type=NAMES.map(lambda text: f"Vendor {text}"),
        parms=st.lists(PARMS, max_size=2, unique_by=lambda parm: parm.name).map(tuple),
    ),
    lambda below: st.builds(
        Characteristic,
        type=NAMES.map(lambda text: f"Vendor {text}"),
        characteristics=st.lists(below, max_size=2).map(tuple),
    ),
    max_leaves=3,
)
CONTENTS = st.builds(
    Provisioning,
    certificates=st.builds(
        CertificateStore,
        client=OCTETS,
        root=st.one_of(st.none(), OCTETS),
        intermediate=st.one_of(st.none(), OCTETS),
        renew=st.one_of(st.none(), renewals()),
    ),
    application=st.builds(
        Application,
        provider_id=NAMES,
        addr=URLS,
        server_credential=st.builds(ServerCredential, secret=NAMES, nonce=OCTETS),
        device_credential=device_credentials(),
        name=TEXTS,
        criteria=st.one_of(st.just(""), TEXTS.map("Subject={}".format)),
        parms=application_parms(),
    ),
    registry=st.one_of(
        st.none(),
        st.builds(Registry, renewal_period=st.integers(1, 1000), retries=schedules()),
    ),
    dm_client=st.one_of(
        st.none(),
        st.builds(
            DmClientBranch,
            ent_device_name=TEXTS,
            ent_dmid=TEXTS,
            upn=TEXTS,
            management_server_address_list=st.lists(URLS, max_size=2).map(tuple),
            requires_message_signing=st.booleans(),
            parms=st.lists(PARMS, max_size=2).map(tuple),
            poll=st.one_of(
                st.none(),
                st.builds(
                    Poll,
                    schedule=schedules(),
                    poll_on_login=st.one_of(st.none(), st.booleans()),
                    all_users_poll_on_first_login=st.one_of(st.none(), st.booleans()),
                ),
            ),
        ),
    ),
    app_management=st.one_of(st.none(), HUBS),
    extra=st.lists(EXTRA, max_size=2).map(tuple),
)
"""Contents before a profile is chosen."""
