"""The kinds of loose files: those that are read, and those that are known and refused."""

from __future__ import annotations

from enum import StrEnum


class ArtifactKind(StrEnum):
    """What a loose file, or an object in it, is by its content."""

    SOAP = "soap"
    PROVISIONING = "provisioning"
    AET = "aet"
    SYNCML = "syncml"
    SIGN_IN_PAGE = "sign-in-page"
    CSR = "csr"
    CERTIFICATE = "certificate"
    PKCS7 = "pkcs7"
    USER_TOKEN = "user-token"
    DUMP = "certutil-dump"
    DUMP_TEXT = "certutil-text"
    # known, but not read here
    WBXML = "wbxml"
    PKCS12 = "pkcs12"
    PRIVATE_KEY = "private-key"
    PUBLIC_KEY = "public-key"
    CRL = "crl"
    OTHER_CMS = "cms"
    OPENSSL_TEXT = "openssl-text"
    ENCRYPTED_TOKEN = "encrypted-token"
    FRAGMENT = "fragment"
    HTML = "html"
    OTHER_XML = "xml"
    CAPTURE = "capture"
    ARCHIVE = "archive"
    COMPRESSED = "compressed"
    EVENT_LOG = "event-log"
    UNKNOWN_DER = "der"
    EMPTY = "empty"
    UNKNOWN = "unknown"
