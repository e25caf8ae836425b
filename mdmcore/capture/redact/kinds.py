"""What kinds of values are replaced, and by which names they are known where they stand.

The names are those of elements, parms, nodes of the management tree, headers, form and JSON fields
(formats.md section 7.1), all in lower case. What a value looks like is judged in ``patterns``.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType


class ValueKind(StrEnum):
    """What a value is; it decides the form of what takes its place."""

    SECRET = "secret"
    TOKEN = "token"
    NONCE = "nonce"
    DIGEST = "digest"
    PRIVATE_KEY = "private key"
    USER = "user name"
    EMAIL = "e-mail address"
    DEVICE = "device id"
    GUID = "GUID"
    IMEI = "IMEI"
    NUMBER = "serial or subscriber number"
    MAC = "MAC address"
    PHONE = "phone number"
    NAME = "name"
    HOST = "host name"
    ADDRESS = "network address"
    CERTIFICATE = "certificate"
    REQUEST = "certificate request"
    SIGNED = "PKCS#7 message"
    REVOCATIONS = "revocation list"
    THUMBPRINT = "thumbprint"
    BODY = "body"


SENSITIVE = frozenset(
    {
        ValueKind.SECRET,
        ValueKind.TOKEN,
        ValueKind.NONCE,
        ValueKind.DIGEST,
        ValueKind.USER,
        ValueKind.DEVICE,
        ValueKind.NUMBER,
        ValueKind.NAME,
    }
)
"""Kinds that have no look of their own: such a value is known by its place, and then replaced
wherever else it stands."""

CASE_BLIND = frozenset(
    {
        ValueKind.USER,
        ValueKind.EMAIL,
        ValueKind.DEVICE,
        ValueKind.GUID,
        ValueKind.MAC,
        ValueKind.HOST,
        ValueKind.NAME,
        ValueKind.NUMBER,
    }
)
"""Kinds whose values are the same in any case; the case of what is replaced is kept."""


def _names(kind: ValueKind, text: str) -> dict[str, ValueKind]:
    return dict.fromkeys(text.split(), kind)


BY_NAME = MappingProxyType(
    {
        **_names(
            ValueKind.SECRET,
            """password passwd pwd pass secret aauthsecret sharedsecret sharedkey presharedkey
            keymaterial psk passphrase pin newpin newpinvalue newpassword oldpassword
            confirmpassword challenge pfxcertpassword wepkey apikey api_key client_secret
            clientsecret otp onetimepassword proxypassword eappassword authsecret smtpaltpassword
            outgoingpassword accesscode""",
        ),
        **_names(
            ValueKind.TOKEN,
            """token accesstoken access_token id_token refresh_token device_code sig signature_token
            enrollmenttoken binarysecuritytoken signaturevalue aaduserdata assertion samlresponse
            samlrequest wresult sas
            clienttoken enrollmentdata session sessiontoken session_token ticket state code
            x-ms-refreshtokencredential channeluri""",
        ),
        **_names(ValueKind.NONCE, "aauthdata nextnonce nonce"),
        **_names(ValueKind.PRIVATE_KEY, "privatekey pfxcertblob pfx"),
        **_names(
            ValueKind.USER,
            """username user_name aauthname locname user login loginname accountname
            authname smtpaltauthname loggedinuser samaccountname onpremisesamaccountname
            domainuser""",
        ),
        **_names(
            ValueKind.EMAIL,
            """email emailaddress mail upn userprincipalname preferred_username unique_name
            login_hint smtpaddress""",
        ),
        **_names(
            ValueKind.DEVICE,
            """devid deviceid device_id hwdevid entdmid uuid udid hardwareid hardware_id
            exchangeid deviceuniqueid azureaddeviceid ztdid offlineautopilotenrollmentcorrelator
            devicehardwaredata acid""",
        ),
        **_names(
            ValueKind.NUMBER,
            """smbiosserialnumber serialnumber serial_number imsi iccid meid esn tpmserialnumber
            devicetpmserial imsi1 imsi2 iccid1 iccid2""",
        ),
        **_names(ValueKind.IMEI, "imei imei1 imei2 imeisv"),
        **_names(ValueKind.MAC, "mac wlanmacaddress macaddress wifimac wlanmac btmac bluetoothmac"),
        **_names(ValueKind.PHONE, "phonenumber msisdn telephonenumber phone_number mobilenumber"),
        **_names(
            ValueKind.NAME,
            """devicename computername ssid given_name family_name firstname lastname displayname
            dnscomputername locationname organizationname name_of_user""",
        ),
        **_names(
            ValueKind.ADDRESS,
            "ipaddress ipaddr ip wlanipv4address wlanipv6address x-forwarded-for x-real-ip",
        ),
    }
)
"""The kind of what stands under a name, in lower case."""

FORM_ONLY = frozenset(
    [
        "pin",
        "secret",
        "pass",
        "token",
        "sig",
        "session",
        "ticket",
        "state",
        "code",
        "user",
        "login",
        "mail",
        "ip",
        "otp",
        "sas",
        "uuid",
        "acid",
        "psk",
    ]
)
"""Names that mean this in forms, queries, cookies and JSON only: elements and nodes of that name
hold other things."""

_PUBLIC_WORDS = frozenset(
    [
        "mdm",
        "ca",
        "root",
        "sub",
        "issuing",
        "intermediate",
        "device",
        "devices",
        "server",
        "enterprise",
        "certificate",
        "certification",
        "authority",
        "test",
        "tests",
        "demo",
        "example",
        "windows",
        "phone",
        "mobile",
        "management",
        "manager",
        "enrollment",
        "enrolment",
        "client",
        "user",
        "users",
        "service",
        "services",
        "proxy",
        "internal",
        "external",
        "public",
        "private",
        "trust",
        "trusted",
        "global",
        "class",
        "primary",
        "secondary",
        "services",
        "secure",
        "security",
        "policy",
        "corporation",
        "company",
        "inc",
        "llc",
        "ltd",
        "gmbh",
        "the",
        "and",
        "for",
        "of",
        "with",
        "default",
        "admin",
        "administrator",
        "root",
        "g1",
        "g2",
        "g3",
        "g4",
        "g5",
        "sha1",
        "sha2",
        "sha256",
        "rsa",
        "ecc",
        "ev",
        "ov",
        "dv",
        "tls",
        "ssl",
        "http",
        "https",
        "www",
        "microsoft",
        "azure",
        "intune",
        "entra",
        "nokia",
        "lumia",
        "samsung",
        "htc",
        "huawei",
        "surface",
        "dell",
        "lenovo",
        "digicert",
        "verisign",
        "symantec",
        "thawte",
        "geotrust",
        "comodo",
        "sectigo",
        "entrust",
        "globalsign",
        "godaddy",
        "baltimore",
        "cybertrust",
        "quovadis",
        "isrg",
        "letsencrypt",
        "identrust",
        "usertrust",
        "addtrust",
        "amazon",
        "google",
        "starfield",
        "mitmproxy",
    ]
)


def is_public_word(word: str) -> bool:
    """Whether a word of a name tells nothing of anybody: it stays as it is."""
    return word.lower() in _PUBLIC_WORDS


VOCABULARY = (
    _PUBLIC_WORDS
    | frozenset(BY_NAME)
    | frozenset(
        [
            "true",
            "false",
            "yes",
            "no",
            "none",
            "null",
            "basic",
            "digest",
            "md5",
            "hmac",
            "onpremise",
            "federated",
            "certificate",
            "text",
            "plain",
            "chr",
            "b64",
            "bin",
            "bool",
            "int",
            "node",
            "xml",
            "syncml",
            "status",
            "results",
            "replace",
            "exec",
            "get",
            "add",
            "delete",
            "alert",
            "atomic",
            "sequence",
            "final",
            "value",
            "data",
            "item",
            "target",
            "source",
            "meta",
            "type",
            "format",
            "username",
            "password",
            "account",
            "profile",
            "system",
            "session",
            "12345678",
        ]
    )
)
"""Words that stand in every capture: such a value is replaced in its own place only."""
