"""The installed command, run as a process in an environment without settings but those given."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

POLLER = Path(sys.executable).with_name("poller")
NOWHERE = {
    # Port 1 answers nobody: these settings are whole, and reach nothing.
    "POLLER_SHOP__URL": "mysql+pymysql://poller@127.0.0.1:1/shop",
    "POLLER_SHOP__PASSWORD": "c4n4ry-password",
    "POLLER_SEGMENT__WRITE_KEY": "c4n4ry-key",
    "POLLER_SEGMENT__HOST": "http://127.0.0.1:1",
}


def poller(*words: str, cwd: Path, settings: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POLLER_")}
    environment.pop("CREDENTIALS_DIRECTORY", None)
    return subprocess.run(
        [POLLER, *words],
        cwd=cwd,
        env={**environment, **(settings or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
