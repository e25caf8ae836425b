"""Where operating systems differ: who else may read a file that holds a secret.

Only what one system does otherwise than another belongs here.
"""

from __future__ import annotations

import os
import stat
import sys


def others_may_read(descriptor: int, *, platform: str = sys.platform) -> bool:
    """Whether the mode of an open file lets its group or everybody read or change it.

    Windows has no such modes: Python reports the same one for every file there. Access follows
    from the folder, which for the user's data folder is the user, so nothing is found.
    """
    if platform == "win32":
        return False
    return bool(stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077)
