"""The Company Hub from two files: the package (.xap, .appx) and the .aetx of the enterprise.

The product id is read from the package's manifest; a package without one gets an id derived from
its content, so that it is the same at each start.
"""

from __future__ import annotations

import hashlib
import logging
import re
import uuid
import zipfile
from pathlib import Path
from urllib.parse import quote

from mdmcore.enrollment.aetx import Aetx, parse_aetx
from mdmcore.errors import ConfigError, MdmError
from mdmcore.namespaces import HUB_MEDIA_TYPES
from mdmcore.server.settings import Hub
from mdmcore.xml import iter_elements, local_name, parse_strict

logger = logging.getLogger(__name__)

_MAX_MANIFEST = 1024 * 1024
_GUID = re.compile(r"^\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?$")


class HubFile:
    """A hub package on disk; its size and digest are those of the moment it was opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            self._size = path.stat().st_size
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror or error}") from None
        self.sha256 = digest
        self._etag = f'"{digest[:32]}"'

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self._size

    @property
    def etag(self) -> str:
        """Strong entity tag made of the content's digest."""
        return self._etag

    @property
    def media_type(self) -> str:
        """By the file's extension; octet-stream where it is not one of the known ones."""
        return HUB_MEDIA_TYPES.get(self.path.suffix.lower(), "application/octet-stream")

    def read(self, start: int, length: int) -> bytes:
        """That part of the package."""
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(length)


def load_hub(package: Path, aetx: Path) -> Hub:
    """Hub settings from both files. Raises ConfigError naming the file that is no good."""
    hub_file = HubFile(package)
    parsed = load_aetx(aetx)
    product_id = _product_id(package)
    if product_id is None:
        product_id = str(uuid.UUID(hub_file.sha256[:32])).upper()
        logger.warning("%s has no manifest with a product id, using %s", package.name, product_id)
    return Hub(
        package=hub_file,
        file_name=quote(package.name, safe="-_.~"),
        product_id=f"{{{product_id}}}",
        enterprise_id=parsed.enterprise_id,
        enrollment_token=parsed.enrollment_token,
    )


def load_aetx(path: Path) -> Aetx:
    """The content of an .aetx file. Raises ConfigError naming a file that is no good."""
    try:
        return parse_aetx(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None
    except MdmError as error:
        raise ConfigError(f"{path}: {error}") from None


def _product_id(package: Path) -> str | None:
    """ProductID of a WMAppManifest.xml or PhoneProductId of an AppxManifest.xml, upper-case."""
    try:
        with zipfile.ZipFile(package) as archive:
            for name in ("WMAppManifest.xml", "AppxManifest.xml"):
                try:
                    with archive.open(name) as entry:
                        root = parse_strict(entry.read(_MAX_MANIFEST))
                except KeyError:
                    continue
                for element in iter_elements(root):
                    found = _GUID.match(
                        element.get("ProductID") or element.get("PhoneProductId") or ""
                    )
                    if found and local_name(element) in {"App", "PhoneIdentity"}:
                        return found.group(1).upper()
    except (zipfile.BadZipFile, MdmError, OSError, NotImplementedError, RuntimeError):
        return None
    return None
