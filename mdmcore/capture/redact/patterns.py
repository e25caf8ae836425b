"""Values that are known by their look, in a text of any sort."""

from __future__ import annotations

import re

EMAIL = re.compile(
    r"(?<![\w.+/%-])[A-Za-z0-9_](?:[\w.+'-]{0,62}[\w+'-])?@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}(?![A-Za-z0-9-])"
)
GUID = re.compile(
    r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
)
IMEI = re.compile(r"(?<![\w.,-])\d{15}(?![\w.-])")
MAC = re.compile(
    r"(?<![0-9A-Za-z:-])[0-9A-Fa-f]{2}(?:(?::[0-9A-Fa-f]{2}){5}|(?:-[0-9A-Fa-f]{2}){5})"
    r"(?![0-9A-Za-z:-])"
)
PHONE = re.compile(r"(?<![\w+./])\+\d[\d ()/-]{6,17}\d(?!\w)")
PRIVATE_ADDRESS = re.compile(
    r"(?<![\w.])(?:192\.168|10\.\d{1,3}|172\.(?:1[6-9]|2\d|3[01])|169\.254)\.\d{1,3}\.[1-9]\d{0,2}"
    r"(?![\w.])"
)
ADDRESS = re.compile(r"(?<![\w.:])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
ADDRESS_6 = re.compile(
    r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,7}(?![\w:.])"
)
JWT = re.compile(r"(?<![\w.-])eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*(?![\w.-])")
PEM = re.compile(
    r"-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]{1,200000})-----END \1-----",
)
URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s<>\"'\\^`{|}\x00-\x1f]+")
BASE64 = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/]{24,}={0,2}(?![A-Za-z0-9+/=_-])")
HEX_DIGEST = re.compile(
    r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{64}|[0-9A-Fa-f]{40})(?![0-9A-Fa-f])"
    r"|(?<![0-9A-Za-z])[0-9A-Fa-f]{2}(?:[ :][0-9A-Fa-f]{2}){19}(?![0-9A-Za-z])"
)
HEX_TEXT = re.compile(r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{2}){6,}(?![0-9A-Za-z])")
# Without its end a string still is one: else each quote in it would be tried anew.
JSON_STRING = re.compile(r'"((?:[^"\\\x00-\x1f]|\\.)*+)"?(\s*:)?')
DOMAIN_USER = re.compile(r"([^\\/\s]{1,64})\\([^\\/\s]{1,128})")
