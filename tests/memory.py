"""Where files lie that a test run makes and removes many times: in memory, where there is room.

Each database is some 300 files. On a disk, to make and remove them takes longer than most tests that use them.
"""

import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108  Linux's; each run has a folder of its own there
ROOM_BYTES = 4 << 30
"""Ten times what a run was seen to need. Containers often have 64 MB there."""


def quick_folder(otherwise: Path) -> Path:
    """A folder in memory, or `otherwise` where there is none or too little room."""
    try:
        has_room = shutil.disk_usage(MEMORY).free >= ROOM_BYTES
    except OSError:
        return otherwise
    return MEMORY if has_room else otherwise
