"""A process that holds cards and PINs leaves no image of its memory on a disk when it dies.

setrlimit(2) RLIMIT_CORE keeps a core file from being written; a core that is piped to a program (core(5),
kernel.core_pattern) does not heed it, so the process is marked undumpable as well (prctl(2),
PR_SET_DUMPABLE), which also keeps other processes of the same user from reading its memory.
"""

import ctypes
import resource
import sys

PR_GET_DUMPABLE, PR_SET_DUMPABLE = 3, 4


def keep_out_of_dumps() -> None:
    """From now on this process leaves no core, whatever the machine does with cores."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
