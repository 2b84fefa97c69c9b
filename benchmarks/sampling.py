"""The real command under a sampler of its own: every few milliseconds of CPU it is noted which part is at work.

`python -m benchmarks.sampling FILE ARGUMENTS` runs `poller ARGUMENTS` and leaves the counts in FILE. The clock is that
of the process's own CPU, so neither waiting nor anybody else on the machine is counted.
"""

import json
import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

INTERVAL_SECONDS = 0.004
_POST = ("/segment/post.py", "/segment/direct.py", "/segment/library.py", "/segment/verdict.py")
_PARTS = (
    ("state", ("/state/",)),
    ("read", ("/shop/",)),
    ("post", _POST),
    ("compose", ("/segment/",)),
    ("derive", ("/streams/", "/core/")),
    ("engine", ("/engine/", "/app.py", "/signals.py")),
)
"""Part and where it lives; of a stack that runs through several, the first one here has called for the others."""
START = "start"
"""What belongs to no part: importing, reading the settings, ending."""


class Sampler:
    """Counts samples by part, and by the innermost function of the poller."""

    def __init__(self, package: Path) -> None:
        self._package = str(package)
        self.parts: Counter[str] = Counter()
        self.functions: Counter[str] = Counter()

    def start(self) -> None:
        """Sample from now on."""
        signal.signal(signal.SIGPROF, self._note)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL_SECONDS, INTERVAL_SECONDS)

    def stop(self) -> None:
        """Sample no more."""
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _note(self, _number: int, frame: FrameType | None) -> None:
        own: list[tuple[str, str]] = []
        while frame:
            code = frame.f_code
            if code.co_filename.startswith(self._package):
                own.append((code.co_filename.removeprefix(self._package), code.co_qualname))
            frame = frame.f_back
        part = part_of([name for name, _ in own])
        self.parts[part] += 1
        if part != START:
            name, function = own[0]
            self.functions[f"{name.removeprefix('/')}: {function.removesuffix('.<locals>.<listcomp>')}"] += 1


def part_of(files: list[str]) -> str:
    """The part that a stack of the poller's own files is at work for."""
    for part, places in _PARTS[:-1]:
        if any(name.startswith(places) for name in files):
            return part
    _, engine = _PARTS[-1]
    return "engine" if files and files[0].startswith(engine) else START


def main() -> None:
    """Run the command and leave the counts, however it ends."""
    from poller.cli import main as command

    target, *arguments = sys.argv[1:]
    sampler = Sampler(Path(command.__file__).resolve().parent.parent)
    sys.argv = ["poller", *arguments]
    sampler.start()
    try:
        command.main()
    finally:
        sampler.stop()
        Path(target).write_text(json.dumps({"parts": sampler.parts, "functions": sampler.functions}))


if __name__ == "__main__":
    main()
