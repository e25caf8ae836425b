"""Finding free ports for servers that cannot choose one themselves."""

from __future__ import annotations

import socket
from collections.abc import Container

from mdmcore.errors import ConfigError
from mdmcore.mitm.addresses import parse_address

_TRIES = 50


def free_port(host: str, *, apart_from: Container[int] = ()) -> int:
    """A port on which nobody listens, neither TCP nor UDP. ConfigError when there is none."""
    address = parse_address(host)
    family = socket.AF_INET6 if address is not None and address.version == 6 else socket.AF_INET
    try:
        for _ in range(_TRIES):
            with socket.socket(family, socket.SOCK_STREAM) as stream:
                stream.bind((host, 0))
                port: int = stream.getsockname()[1]
                if port not in apart_from and _is_free_for_datagrams(family, host, port):
                    return port
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(f"cannot listen on {host}: {reason}") from None
    raise ConfigError(f"no free port on {host}")


def _is_free_for_datagrams(family: socket.AddressFamily, host: str, port: int) -> bool:
    with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
        try:
            datagrams.bind((host, port))
        except OSError:
            return False
    return True
