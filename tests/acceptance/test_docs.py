"""Every command of README, the tutorial and the how-to pages is run as it is written, block after block.

What cannot run in a test, with the reason: `machine.STAND_INS`. The numbers that the pages make up (`order 17`) are
replaced by ones that the shop at hand has.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from poller.demo.receiver import Receiver, Status
from poller.demo.server import PrivateMariaDB
from tests.acceptance.machine import Machine, can_be_made
from tests.acceptance.stage import Stage, completed, staged
from tests.acceptance.test_custom_events import EXAMPLES, TABLES, opened, settings_of_examples, write
from tests.house.pages import DOCS, ROOT

INSTALLED = """
python3 -m venv /opt/poller
/opt/poller/bin/pip install --require-hashes -r requirements.lock
/opt/poller/bin/pip install --no-deps --no-build-isolation .
"""
"""What a page takes for granted that is read after the installation."""
CONFIGURED = """
mkdir -p /etc/poller/credentials
cp "$SETTINGS" /etc/poller/config.yaml
poller install-units >/dev/null
"""
AT_HOME = f"{CONFIGURED}\ncd ~\n"
"""Where a reader is who has an installed poller, and no checkout."""
HOW_TO = DOCS / "how-to"


def blocks(page: Path) -> list[str]:
    """The shell blocks of a page, in order."""
    return re.findall(r"^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def script(page: Path, **numbers: object) -> str:
    """All of them as one script; `order="17 3"` puts 3 for the 17 of `order 17`."""
    text = "".join(blocks(page))
    for name, pair in numbers.items():
        made_up, real = str(pair).split()
        words = f"{name.replace('__', ' ')} {made_up}"
        assert words in text, words
        text = text.replace(words, words.replace(made_up, real))
    return text


@pytest.fixture
def machine(server: PrivateMariaDB, tmp_path: Path) -> Iterator[Machine]:
    if not can_be_made():
        pytest.skip("this machine lets nobody have mounts of their own: run as root, outside a sandbox")
    with staged(tmp_path, server, Receiver()) as stage:
        yield Machine(stage, tmp_path / "machine")
        stage.keeper.run("DROP USER IF EXISTS poller@localhost")


@pytest.fixture
def order(machine: Machine) -> int:
    return machine.stage.keeper.order(machine.stage.keeper.customer())


KEY = {"POLLER_SEGMENT__WRITE_KEY": "key-of-the-source"}


def test_install(machine: Machine, order: int) -> None:
    """From the program to the timer. That no terminal answers is said on the page: the key is in the environment."""
    done = machine.run(script(HOW_TO / "install.md", preview__order=f"17 {order}"), **KEY)
    assert "key-of-the-source" not in done.stdout + done.stderr
    assert "Order Completed" in done.stdout
    assert "systemctl enable --now poller" in machine.asked()
    units = machine.place / "etc/systemd/system"
    assert "ExecStart=/opt/poller/bin/poller --config" in (units / "poller-catch-up.service").read_text()
    assert (machine.place / "etc/poller/credentials/segment.write_key").read_text() == "key-of-the-source\n"
    assert "poller:" in (machine.place / "etc/passwd").read_text(), "systemd-sysusers made it"


def test_readme(machine: Machine, order: int) -> None:
    """`poller run` goes on for good: it is told to stop once it has worked; once only, not its group too."""
    text = script(ROOT / "README.md", preview__order=f"17 {order}")
    text = re.sub(
        r"^poller run\b", "timeout --foreground --preserve-status --signal TERM 20 poller run", text, flags=re.MULTILINE
    )
    machine.run(text.replace("poller init", "cd ~\npoller init", 1), **KEY)
    assert ("Order Completed", order) in machine.stage.told()


def test_tutorial(machine: Machine, order: int) -> None:
    machine.run(script(DOCS / "tutorial.md", preview__order=f"1 {order}"))
    assert ("Order Completed", order) in machine.stage.told()
    receiver = machine.stage.receiver
    assert len(receiver.accepted) == len(receiver.distinct()), "the backfill repeats nothing"


def settings(stage: Stage) -> dict[str, str]:
    return {"SETTINGS": str(stage.config)}


def test_what_is_done_with_one_that_runs(machine: Machine, order: int) -> None:
    """The pages that take an installed poller for granted, one after the other."""
    stage = machine.stage
    stage.catch_up()
    text = "\n".join(script(HOW_TO / f"{page}.md") for page in ("audit", "backfill", "replica", "restore"))
    machine.run(text, before=AT_HOME, **settings(stage))
    assert stage.told() == completed(order)
    assert machine.asked() == ["systemctl stop poller", "systemctl start poller"]
    assert "<svg" in (machine.place / "home/audit.html").read_text()


def test_what_was_delivered_is_sent_again(machine: Machine, order: int) -> None:
    stage = machine.stage
    stage.catch_up()
    text = script(HOW_TO / "replay.md").replace("--order 17", f"--order {order}")
    done = machine.run(text, before=AT_HOME, **settings(stage))
    assert "they count twice" in re.sub(r"\s+", " ", done.stdout + done.stderr)
    assert set(stage.told()) == {("Order Completed", order)}


def test_an_upgrade_and_a_further_secret(machine: Machine, order: int) -> None:
    """In the checkout, where there is another config.yaml."""
    stage = machine.stage
    stage.catch_up()
    program, prestashop = blocks(HOW_TO / "upgrade.md")
    text = f"{program}\ncd ~\n{prestashop}\n{script(HOW_TO / 'monitoring.md')}"
    machine.run(text, before=f"{INSTALLED}\n{CONFIGURED}", **settings(stage))
    assert machine.asked()[-1] == "systemctl restart poller"
    unit = machine.place / "etc/systemd/system/poller.service.d/credentials.conf"
    assert "LoadCredential=monitoring.heartbeat_url:/etc/poller" in unit.read_text()
    assert stage.told() == completed(order)


def test_dead_letters(machine: Machine, order: int) -> None:
    stage = machine.stage
    stage.receiver.always(Status(400))
    stage.run("catch-up")
    stage.receiver.always(None)
    before = stage_letters(stage)
    text = script(HOW_TO / "dead-letters.md").replace("1234", str(before[0]))
    done = machine.run(text, before=AT_HOME, **settings(stage))
    assert "1 will be sent again" in done.stdout
    assert stage_letters(stage) == before[1:]
    assert order


def stage_letters(stage: Stage) -> list[int]:
    return [letter["seq"] for letter in json.loads(stage.run("dead-letters", "list", "--json").stdout)]


def test_custom_events(machine: Machine) -> None:
    """The page's own example, laid down as it says."""
    stage = machine.stage
    for sql in TABLES.split(";"):
        stage.keeper.run(sql)
    for name, (sql, _) in zip(settings_of_examples(), EXAMPLES, strict=True):
        write(stage, name, sql)
    files = {
        name: {**choice, "file": str(stage.directory / f"custom/{name}.sql")}
        for name, choice in settings_of_examples().items()
    }
    stage.configure(custom_events=files)
    row = opened(stage, stage.keeper.customer())
    text = script(HOW_TO / "custom-events.md", preview__email_opened=f"17 {row}")
    done = machine.run(text, before=AT_HOME, **settings(stage))
    assert '"email_id": "9000000001"' in done.stdout
    assert [message["event"] for message in stage.receiver.accepted] == ["Email Opened"]


def test_every_page_with_commands_is_run() -> None:
    """A page that gets its first command gets its line above."""
    run = {
        "install",
        "monitoring",
        "audit",
        "backfill",
        "replay",
        "replica",
        "upgrade",
        "dead-letters",
        "restore",
        "custom-events",
    }
    assert {page.stem for page in HOW_TO.glob("*.md") if blocks(page)} == run
    kinds = {kind for page in (ROOT / "README.md", DOCS / "tutorial.md", *HOW_TO.glob("*.md")) for kind in _kinds(page)}
    assert kinds <= {"sh", "sql", "yaml", ""}, "a block in a shell's language is marked sh"


def _kinds(page: Path) -> list[str]:
    return re.findall(r"^```(\w*)\n", page.read_text(encoding="utf-8"), re.MULTILINE)
