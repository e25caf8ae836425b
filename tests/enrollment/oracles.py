"""Independent judges of our messages: the shared schemas, and the standard library's parser."""

from __future__ import annotations

from functools import cache
from xml.etree import ElementTree

from lxml import etree, isoschematron

from tests.support.requirements import shared_file


@cache
def _xsd(path: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(path))


@cache
def _rng(path: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(path))


@cache
def _schematron(path: str) -> isoschematron.Schematron:
    return isoschematron.Schematron(etree.parse(path), store_report=True)


def check_soap(message: bytes, *, schema: str = "mdm-soap-strict.xsd") -> None:
    """The message is valid by that schema of ``xsd/``; skips where there are no schemas."""
    _xsd(str(shared_file("schemas", "xsd", schema))).assertValid(etree.fromstring(message))


def is_valid_soap(message: bytes, *, schema: str = "mdm-soap-strict.xsd") -> bool:
    """Whether the message is valid by that schema of ``xsd/``; skips where there are none."""
    return _xsd(str(shared_file("schemas", "xsd", schema))).validate(etree.fromstring(message))


def check_request(message: bytes) -> None:
    """A request as Windows sends it: strict, but for the qualified Type of its Password."""
    check_soap(message, schema="mdm-soap-windows.xsd")


def check_shape(document: bytes) -> None:
    """The document is a wap-provisioningdoc."""
    schema = _rng(str(shared_file("schemas", "rng", "wap-provisioningdoc.rng")))
    schema.assertValid(etree.fromstring(document))


def check_provisioning(document: bytes) -> None:
    """The document is a wap-provisioningdoc that has all it takes to enrol a device."""
    check_shape(document)
    rules = _schematron(str(shared_file("schemas", "sch", "enrollment-provisioningdoc.sch")))
    assert rules.validate(etree.fromstring(document)), str(rules.validation_report)


def texts(message: bytes) -> dict[str, str | None]:
    """Local name to verbatim text of each leaf, as the standard library reads it."""
    return {
        element.tag.rpartition("}")[2]: element.text
        for element in ElementTree.fromstring(message).iter()
        if not len(element)
    }
