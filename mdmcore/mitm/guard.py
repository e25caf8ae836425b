"""The guard around every flow hook: our mistakes become one log line and a note on the flow.

mitmproxy hangs all scripts under one chain entry, so an exception of ours would silence every
later script for that event. Only here, and at the calls that must still answer the device, is
``Exception`` caught.
"""

from __future__ import annotations

import functools
import inspect
import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, cast

from mitmproxy import flow as mitmproxy_flow

from mdmcore.errors import MdmError
from mdmcore.mitm.annotate import note_failure

logger = logging.getLogger(__name__)

_MAX_TEXT = 200


def guarded[**P, R](hook: Callable[P, R]) -> Callable[P, R | None]:
    """Wrap a hook (plain or async) of an addon; it then never raises an ``Exception``."""
    if inspect.iscoroutinefunction(hook):
        slow = cast("Callable[P, Awaitable[R]]", hook)

        @functools.wraps(hook)
        async def wait(*args: P.args, **kwargs: P.kwargs) -> R | None:
            try:
                return await slow(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - the guard of mitm/
                _report(hook, args, error)
                return None

        return cast("Callable[P, R | None]", wait)

    @functools.wraps(hook)
    def run(*args: P.args, **kwargs: P.kwargs) -> R | None:
        try:
            return hook(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the guard of mitm/
            _report(hook, args, error)
            return None

    return run


def explain(error: BaseException) -> str:
    """One line about an error. Foreign errors give type and place only: text may hold secrets."""
    if isinstance(error, MdmError):
        return " ".join(str(error).split())[:_MAX_TEXT]
    frames = traceback.extract_tb(error.__traceback__)
    place = ""
    if frames:
        frame = frames[-1]
        place = f" at {frame.filename.replace('\\', '/').rsplit('/', 1)[-1]}:{frame.lineno}"
    return f"{type(error).__name__}{place}"


def _report(hook: Callable[..., Any], args: tuple[Any, ...], error: Exception) -> None:
    text = explain(error)
    logger.error("mdmproxy: %s failed: %s", hook.__qualname__, text)
    for argument in args:
        if isinstance(argument, mitmproxy_flow.Flow):
            note_failure(argument, hook.__name__, text)
