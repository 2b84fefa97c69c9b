"""Custom events: the examples of the how-to as they stand there, and what happens to files that are wrong."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from tests.acceptance.stage import Stage, answer, completed, staged
from tests.house.pages import DOCS

PAGE = (DOCS / "how-to" / "custom-events.md").read_text(encoding="utf-8")
EXAMPLES = list(
    zip(
        re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL), re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL), strict=True
    )
)
CANARY = "canary-of-a-row"
TABLES = """
CREATE TABLE PREFIX_mailer_campaign (id_campaign INT AUTO_INCREMENT PRIMARY KEY, subject TEXT, name TEXT);
CREATE TABLE PREFIX_mailer_open (
    id_open INT AUTO_INCREMENT PRIMARY KEY, id_message BIGINT, id_campaign INT, id_customer INT, id_shop INT,
    date_add DATETIME
);
CREATE TABLE PREFIX_share_log (
    id_share BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, id_guest INT, id_shop INT, network VARCHAR(20), id_product INT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO PREFIX_mailer_campaign VALUES (3, 'Hello', 'Spring')
"""


def settings_of_examples() -> dict[str, Any]:
    """Both examples' settings."""
    found: dict[str, Any] = {}
    for _, text in EXAMPLES:
        found |= yaml.safe_load(text)["custom_events"]
    return found


def write(stage: Stage, name: str, sql: str) -> None:
    """The operator's file, beside config.yaml."""
    folder = stage.directory / "custom"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.sql").write_text(sql, encoding="utf-8")


@pytest.fixture
def modules(server: PrivateMariaDB, tmp_path: Path) -> Iterator[Stage]:
    """A demo shop with an e-mail module and a share button, and the examples installed."""
    with staged(tmp_path, server, Receiver()) as stage:
        for sql in TABLES.split(";"):
            stage.keeper.run(sql)
        for name, (sql, _) in zip(settings_of_examples(), EXAMPLES, strict=True):
            write(stage, name, sql)
        stage.configure(custom_events=settings_of_examples())
        yield stage


def opened(stage: Stage, customer_id: int, **columns: object) -> int:
    """An e-mail is opened."""
    row: dict[str, object] = {"id_message": 9_000_000_001, "id_campaign": 3, "id_shop": 1}
    row |= {"id_customer": customer_id, "date_add": stage.keeper.stamp()}
    return stage.keeper.insert("mailer_open", **{**row, **columns})


def events(stage: Stage, name: str) -> list[dict[str, Any]]:
    """The track calls of that name, once an id."""
    return [message for message in stage.receiver.distinct().values() if message.get("event") == name]


def test_the_examples_are_told_as_the_page_says(modules: Stage) -> None:
    assert [finding for finding in answer(modules.run("check", "--json")) if finding["level"] == "problem"] == []
    modules.catch_up()
    customer = modules.keeper.customer("Ada")
    modules.keeper.insert("cart", id_shop=1, id_guest=77, date_add=modules.keeper.stamp())
    row = opened(modules, customer)
    modules.keeper.insert("share_log", id_guest=77, id_shop=1, network="Pinterest", id_product=1)
    modules.catch_up()
    (mail,) = events(modules, "Email Opened")
    assert mail["userId"] == str(customer)
    assert mail["context"]["traits"]["email"] == "ada@example.com"
    assert {
        name: mail["properties"][name] for name in ("email_id", "campaign_id", "email_subject", "campaign_name")
    } == {
        "email_id": "9000000001",
        "campaign_id": "3",
        "email_subject": "Hello",
        "campaign_name": "Spring",
    }
    (share,) = events(modules, "Product Shared")
    assert not share.get("userId")
    price = float(modules.keeper.value("SELECT ROUND(price * 100) FROM PREFIX_product WHERE id_product = 1")) / 100
    assert {name: share["properties"][name] for name in ("share_via", "product_id", "price", "currency")} == {
        "share_via": "Pinterest",
        "product_id": "1",
        "price": price,
        "currency": "EUR",
    }
    for message in (mail, share):
        happened = datetime.fromisoformat(message["timestamp"])
        assert abs(datetime.now(UTC) - happened) < timedelta(minutes=3)
    (shown,) = answer(modules.run("preview", "email_opened", str(row), "--json"))
    assert shown["messageId"] == mail["messageId"]
    listed = modules.run("events").stdout
    assert "Email Opened" in listed
    assert "Product Shared" in listed


def test_rows_that_commit_late_kills_and_history(modules: Stage) -> None:
    """The same watermark, gaps and ledger as every feed; and a backfill of it alone."""
    modules.catch_up()
    customer = modules.keeper.customer()
    modules.keeper.at = datetime.now(UTC) - timedelta(days=40)
    old = [opened(modules, customer) for _ in range(3)]
    modules.keeper.at = None
    with modules.daemon() as daemon, modules.another_keeper() as other:
        other.begin()
        late = other.insert("mailer_open", id_customer=customer, id_campaign=3, id_shop=1, date_add=other.stamp())
        early = opened(modules, customer)
        daemon.wait_for(lambda: len(events(modules, "Email Opened")) == 1)
        daemon.kill()
        daemon.start()
        other.commit()
        daemon.wait_for(lambda: len(events(modules, "Email Opened")) == 2)
    assert late < early
    since = (datetime.now(UTC) - timedelta(days=60)).date().isoformat()
    for _ in range(2):
        done = modules.run("backfill", "--since", since, "--only", "email_opened")
        assert done.returncode == 0, done.stderr
    assert len(events(modules, "Email Opened")) == 2 + len(old)
    assert not modules.receiver.conflicts()


def test_a_table_that_is_emptied_begins_again(modules: Stage) -> None:
    modules.catch_up()
    customer = modules.keeper.customer()
    modules.keeper.at = datetime.now(UTC) - timedelta(minutes=2)
    for _ in range(3):
        opened(modules, customer)
    modules.catch_up()
    modules.keeper.at = None
    modules.keeper.run("TRUNCATE TABLE PREFIX_mailer_open")
    modules.catch_up()
    assert opened(modules, customer) == 1
    modules.catch_up()
    assert len(events(modules, "Email Opened")) == 4


def test_nothing_is_sent_of_customers_who_are_left_out_or_gone(modules: Stage) -> None:
    modules.configure(custom_events=settings_of_examples(), internal_customers=["boss@example.com"])
    modules.catch_up()
    boss, gone, here = (modules.keeper.customer(name) for name in ("Boss", "Gone", "Here"))
    modules.keeper.erase_customer(gone)
    for customer in (boss, gone, here):
        opened(modules, customer)
    modules.catch_up()
    assert [message["userId"] for message in events(modules, "Email Opened")] == [str(here)]


GOOD = EXAMPLES[0][0]
WRONG = [
    ("no column", GOOD.replace("    o.date_add AS stamp,\n", ""), "has no column stamp", "Select its date AS stamp"),
    ("nobody", GOOD.replace("    o.id_customer AS customer_id,\n", ""), "does not say whom", "AS customer_id"),
    ("two statements", GOOD.strip() + "; SELECT 1", "holds more than one statement", "Keep one SELECT"),
    (
        "a write",
        "-- x.\n-- reads      PREFIX_orders\n-- served by  PRIMARY\nDELETE FROM PREFIX_orders",
        "is not a SELECT",
        "may only read",
    ),
    ("a lock", GOOD.strip() + " FOR UPDATE", "writes or takes a lock", "FOR UPDATE"),
    ("no header", GOOD[GOOD.index("SELECT") :], "has no header", "Begin with a sentence"),
    ("no bind", GOOD.replace(":until_id", "99"), "must use :after_id", "LIMIT :page_size"),
    (
        "not declared",
        GOOD.replace("PREFIX_mailer_campaign, ", ""),
        "reads other tables",
        "PREFIX_mailer_campaign, PREFIX_mailer_open",
    ),
    (
        "no table",
        GOOD.replace("PREFIX_mailer_campaign", "PREFIX_mailer_cmpaign"),
        "ps_mailer_cmpaign, which is not there",
        "Correct its name",
    ),
    ("no such column", GOOD.replace("c.subject", "c.sujet AS subject"), "Unknown column", "Correct the name"),
    ("nonsense", GOOD.replace("LEFT JOIN", "LEFT JION"), "failed", "Correct the statement"),
    (
        "no index",
        GOOD.replace("o.id_open >", "o.id_open + 0 >").replace("o.id_open <", "o.id_open + 0 <"),
        "no index PRIMARY serves it",
        "Filter and order by",
    ),
    (
        "unsorted",
        GOOD.replace("ORDER BY o.id_open", "ORDER BY o.id_open DESC"),
        "does not increase",
        "ORDER BY mark_id",
    ),
    (
        "a text",
        GOOD.replace("o.id_open AS mark_id", "CONCAT('x', o.id_open) AS mark_id"),
        "not a whole number",
        "integer key",
    ),
    ("no date", GOOD.replace("o.date_add AS stamp", "c.name AS stamp"), "stamp is not a date", "DATETIME"),
    ("binary", GOOD.replace("    c.name\n", "    UNHEX('FF00') AS name\n"), "name holds binary values", "HEX(name)"),
    (
        "a time",
        GOOD.replace("    c.name\n", "    MAKETIME(1, 2, 3) AS name\n"),
        "name holds time values",
        "TIME_FORMAT",
    ),
]


def test_what_is_wrong_with_a_file_is_found_by_check_with_its_remedy(modules: Stage) -> None:
    """All in one installation: each has its finding, and none is in the way of another."""
    customer = modules.keeper.customer()
    for _ in range(3):
        opened(modules, customer)
    choices = {}
    for number, (_, sql, complaint, _) in enumerate(WRONG):
        if complaint:
            write(modules, f"wrong_{number}", sql)
            choices[f"wrong_{number}"] = {**settings_of_examples()["email_opened"], "event": f"Wrong {number}"}
    choices["missing"] = {"event": "Missing"}
    modules.configure(custom_events=choices | settings_of_examples())
    done = modules.run("check", "--json")
    assert done.returncode == 1, done.stderr
    findings = [
        (f["level"], f["text"], f["remedy"]) for f in yaml.safe_load(done.stdout) if f["topic"] == "custom event"
    ]
    problems = [f"{text} | {remedy}" for level, text, remedy in findings if level == "problem"]
    for _, _, complaint, remedy in WRONG:
        assert [problem for problem in problems if complaint in problem and remedy in problem], (complaint, problems)
    assert [problem for problem in problems if "cannot read" in problem and "missing.sql" in problem]
    assert sum(level == "ok" for level, _, _ in findings) == 2


def test_a_bad_file_holds_up_nothing_and_loses_nothing(modules: Stage) -> None:
    """Orders are told at once; mended, it tells what came meanwhile; and no log holds a row's content."""
    write(modules, "email_opened", GOOD.replace("c.subject", "c.sujet AS subject"))
    modules.configure(custom_events=settings_of_examples(), log={"level": "debug"})
    customer = modules.keeper.customer()
    modules.keeper.run("UPDATE PREFIX_mailer_campaign SET subject = %s, name = %s", CANARY, CANARY)
    with modules.daemon() as daemon:
        opened(modules, customer)
        order = modules.keeper.order(customer)
        daemon.wait_for(lambda: modules.told() == completed(order))
        failed = [line["failed"] for line in daemon.said("poll.finished") if line.get("failed")]
        assert "Unknown column" in failed[0]["custom/email_opened"]
        assert CANARY not in daemon.text()
    done = modules.run("catch-up")
    assert done.returncode == 75
    assert "custom/email_opened" in done.stderr
    assert events(modules, "Email Opened") == []
    write(modules, "email_opened", GOOD)
    modules.catch_up()
    (mail,) = events(modules, "Email Opened")
    assert mail["properties"]["email_subject"] == CANARY


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"order": {"event": "X"}}, "names an event `order`, which the poller has itself"),
        ({"Bad Name": {"event": "X"}}, "names an event `Bad Name`"),
        ({"a": {"event": "Order Completed"}}, "has an event `Order Completed`, which the poller sends itself"),
        ({"a": {"event": "X"}, "b": {"event": "X"}}, "has two events `X`"),
        ({"a": {"event": "X", "clok": "shop"}}, "did you mean `custom_events.a.clock`?"),
        ({"a": {"event": "X", "clock": "mine"}}, "`custom_events.a.clock` must be shop or database"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(stage: Stage, choices: dict[str, Any], message: str) -> None:
    stage.configure(custom_events=choices)
    done = stage.run("status")
    assert done.returncode == 78
    assert message in done.stderr.replace("\n", " ")
