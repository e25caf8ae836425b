"""Telling the kind of device from what it says of itself (enrollment.md 1, session.md 3)."""

from __future__ import annotations

_PHONE_VERSIONS = (("8.0", "wp8"), ("8.1", "wp81"), ("10.", "win10"))
_PC_VERSIONS = (("6.3", "win81"), ("8.", "win81"), ("10.", "win10"))
_USER_AGENTS = (
    ("windows phone 8.1", "wp81"),
    ("windows phone 8", "wp8"),
    ("enrollclient", "win10"),
    ("windows enrollment client", "win10"),
    ("enrollment", "win81"),
)


_MAX_DIGITS = 9


def major_version(text: str) -> int | None:
    """The number before the first dot, ``None`` when it is none or has more than 9 digits."""
    major = text.strip().partition(".")[0]
    if not (major.isascii() and major.isdigit() and len(major) <= _MAX_DIGITS):
        return None
    return int(major)


def detect_profile(
    *,
    device_type: str = "",
    application_version: str = "",
    request_version: str = "",
    user_agent: str = "",
    query: str = "",
    is_discover: bool = False,
) -> str | None:
    """The profile, ``None`` where nothing tells.

    ``is_discover``: these are the values of a Discover, of which a Windows 8.1 PC fills in none.
    DeviceType with ApplicationVersion decides, then RequestVersion, then the query of a DM URL
    (Windows says Platform=WoA, from Windows 10 on with a mode), then the User-Agent: the captured
    Windows 10 enrols as ENROLLClient, that of Windows 8.1 is from MS-MDM note 3. The User-Agent of
    Windows 10 in DM sessions tells nothing, since that of phones is not known.
    """
    kind = device_type.strip().lower()
    version = application_version.strip()
    if kind == "windowsphone":
        return _by_prefix(_PHONE_VERSIONS, version) or _by_request(request_version) or "wp8"
    if kind == "windowshandheld":
        return "win10"
    if kind == "cimclient_windows":
        return _by_prefix(_PC_VERSIONS, version) or _by_request(request_version) or "win81"
    if is_discover and not (kind or version or request_version.strip()):
        # MS-MDE 3.1.4.1.3.1: the address, and a RequestVersion without a value.
        return "win81"
    return _by_request(request_version) or _by_query(query) or _by_user_agent(user_agent)


def _by_prefix(table: tuple[tuple[str, str], ...], version: str) -> str | None:
    return next((profile for prefix, profile in table if version.startswith(prefix)), None)


def _by_request(request_version: str) -> str | None:
    text = request_version.strip()
    if text.startswith("1."):
        return "wp8"
    if text.startswith("2."):
        return "wp81"
    major = major_version(text)
    return "win10" if major is not None and major >= 3 else None


def _by_query(query: str) -> str | None:
    names = {pair.partition("=")[0].lower() for pair in query.split("&")}
    if "platform" not in names:
        return None
    return "win10" if "mode" in names else "win81"


def _by_user_agent(user_agent: str) -> str | None:
    text = user_agent.strip().lower()
    return next((profile for part, profile in _USER_AGENTS if part in text), None)
