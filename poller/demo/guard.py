"""The guard: however this process ends, kill -9 included, a process it started ends too and its directory goes.

A kernel's parent-death signal would do less: it follows the thread that started the process, and leaves the directory.
"""

import subprocess
from contextlib import suppress
from pathlib import Path

# Each line of input names the process to end; the end of input, which comes when we end, is the moment to do it.
_SCRIPT = """
PATH=/usr/bin:/bin
process=
while read -r line; do process=$line; done
[ -n "$process" ] && kill -9 "$process" 2>/dev/null
for attempt in 1 2 3 4 5 6 7 8 9 10; do rm -rf -- "$1" && break; sleep 0.2; done
"""


class Guard:
    """Watches over a directory, and over one process at a time."""

    def __init__(self, directory: Path) -> None:
        self._watching = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT, "guard", str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def watch(self, process: int | None) -> None:
        """Watch over this process; None: over none, because it has ended and its number may be another's soon."""
        if self._watching.stdin:
            # Without a guard (somebody killed it) everything works all the same.
            with suppress(BrokenPipeError):
                self._watching.stdin.write(f"{process or ''}\n".encode())
                self._watching.stdin.flush()

    def close(self) -> None:
        """End what is watched and remove the directory; harmless when repeated."""
        if self._watching.stdin:
            with suppress(BrokenPipeError):
                self._watching.stdin.close()
        self._watching.wait()
