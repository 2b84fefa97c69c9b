"""Every finding of `poller check`: each comes true on a real MariaDB, with its remedy, and none without a cause.

`says` is the text as the program's source has it, `…` for what is filled in; tests/house/test_findings.py holds this
table against the source, so that there is no finding without a case.
"""

import json
import os
import re
from contextlib import nullcontext
from dataclasses import dataclass

import pytest

from poller.config import load_settings
from poller.demo.receiver import Redirect, Status
from poller.desk import Desk
from poller.engine.findings import Finding
from poller.errors import ConfigurationError
from tests.acceptance.process import run
from tests.acceptance.stage import Stage
from tests.acceptance.test_custom_events import GOOD
from tests.acceptance.wrongs import (
    Arrange,
    account,
    answered,
    buried,
    by_network,
    crowded,
    custom,
    damaged,
    dated_otherwise,
    failing,
    future_orders,
    in_no_directory,
    lacking,
    large_without_index,
    of_another_program,
    of_no_database,
    opened_directory,
    server,
    settings,
    slow_clock,
    sql,
    stopped,
    undated_orders,
)
from tests.sql.test_grants import read_tables

ANY = "…"


@dataclass(frozen=True, slots=True)
class Case:
    """One way in which it is wrong: what is done to a good stage, and what must be said of it."""

    what: str
    level: str
    topic: str
    says: str
    remedy: str
    arrange: Arrange

    def fits(self, finding: Finding) -> bool:
        """Whether the finding is this one, and its remedy says what it must."""
        pattern = ".+".join(re.escape(part) for part in self.says.split(ANY))
        return (
            (finding.level, finding.topic) == (self.level, self.topic)
            and re.fullmatch(pattern, finding.text) is not None
            and self.remedy in finding.remedy
        )


# ---------------------------------------------------------------- the table


OWN = "custom event"
SCANNING = GOOD.replace("o.id_open >", "o.id_open + 0 >").replace("o.id_open <", "o.id_open + 0 <")
CASES = [
    # The way to the shop's database, and what the account may do there.
    Case("nobody listens", "problem", "shop", "The shop's database cannot be reached: ….", "check shop.url",
         settings(shop={"url": "mysql://root@127.0.0.1:1/shop"})),
    Case("an unknown host", "problem", "shop", "The shop's database cannot be reached: ….", "check shop.url",
         settings(shop={"url": "mysql://root@no.invalid/shop"})),
    Case("a wrong password", "problem", "shop", "The shop's database refuses the account: ….", "shop.password",
         account("SELECT ON DATABASE.*", password="right", given="wrong")),
    Case("no such database", "problem", "shop", "The shop's database does not exist: ….", "Check the name in shop.url",
         of_no_database),
    Case("a database closed to the account", "problem", "shop", "The shop's database refuses the account: ….",
         "grants.sql", account()),
    Case("another prefix", "problem", "shop", "… has no readable PrestaShop table with the prefix 'xy_'.",
         "shop.prefix", settings(shop={"prefix": "xy_"})),
    Case("no certificate to trust", "problem", "shop", "No trusted TLS connection to the shop's database: ….",
         "shop.tls", settings(shop={"tls": "verify"})),
    Case("in the clear over a network", "warning", "tls", "Customers' data come from … in the clear.", "shop.tls",
         by_network),
    Case("no grant at all on what every shop has", "problem", "shop",
         "… lacks ps_order_history, or the account may not read them.", "grants.sql", lacking("order_history")),
    Case("a grant missing", "problem", "grants", "Reading … failed: …ps_order_payment….", "grants.sql",
         lacking("order_payment")),
    Case("no PROCESS", "warning", "transactions",
         "Running transactions are not visible (the account lacks the PROCESS privilege): "
         "missing ids are kept for gap_ttl.",
         "GRANT PROCESS",
         account("SELECT ON DATABASE.*")),
    Case("an account that writes", "warning", "account", "The account may do more than read (INSERT, UPDATE).",
         "grants.sql", account("SELECT, INSERT, UPDATE ON DATABASE.*")),
    Case("an account that grants", "warning", "account", "The account may do more than read (…).",
         "grants.sql", account("SELECT ON DATABASE.*", "FILE ON *.*")),
    # The database itself.
    Case("ids in steps", "warning", "ids", "Ids grow by 3 (a cluster): the missing ones look like late commits.",
         "gap_ttl", server("auto_increment_increment", 3)),
    Case("a cluster has no horizon", "warning", "transactions", "Running transactions are not visible (…cluster)): …",
         "if it is not a replica or a cluster", server("auto_increment_increment", 3)),
    Case("a replica", "ok", "replica", "The database is a read-only replica: …", "", server("read_only", 1)),
    Case("a replica has no horizon", "warning", "transactions",
         "Running transactions are not visible (the server is a read-only replica): …", "", server("read_only", 1)),
    Case("MyISAM", "warning", "engine", "Not InnoDB, so not part of a consistent snapshot: ps_orders.", "ENGINE=InnoDB",
         sql("ALTER TABLE PREFIX_orders ENGINE = MyISAM")),
    Case("an index is gone", "warning", "plans", "Read by scanning a whole table: ….",
         "compare with a fresh installation", large_without_index),
    Case("the database's clock is wrong", "warning", "clock", "The database's clock differs from this host's by -3… s.",
         "NTP", slow_clock),
    # What the shop says of itself.
    Case("an unknown time zone", "problem", "shop", "The shop's time zone 'Europe/Atlantis' is unknown.",
         "Set shop.timezone",
         sql("UPDATE PREFIX_configuration SET value = 'Europe/Atlantis' WHERE name = 'PS_TIMEZONE'")),
    Case("no time zone", "problem", "shop", "The shop's time zone '' is unknown.",
         "Set shop.timezone", sql("DELETE FROM PREFIX_configuration WHERE name = 'PS_TIMEZONE'")),
    Case("another time zone", "warning", "time zone",
         "An order is dated … minutes in the future: the shop does not write in Europe/Paris.", "shop.timezone",
         future_orders),
    Case("orders without a date", "warning", "dates",
         "1 of the newest 1 orders have no date: they are told with the date of their history.",
         "an import",
         undated_orders),
    *(
        Case(f"no state for {role}", "problem", "states", f"Shop 1 names no state for {role} ({name}).",
             f"Set {name}", sql(f"DELETE FROM PREFIX_configuration WHERE name = '{name}'"))
        for role, name in
        (("cancelled", "PS_OS_CANCELED"), ("refunded", "PS_OS_REFUND"), ("payment error", "PS_OS_ERROR"))
    ),
    Case("page views that cannot be read", "warning", "page views",
         "The shop logs page views, but these tables cannot be read: page.", "track_page_views",
         sql("INSERT INTO PREFIX_configuration (name, value, date_add, date_upd) "
             "VALUES ('PS_STATSDATA_CUSTOMER_PAGESVIEWS', '1', NOW(), NOW())", "DROP TABLE PREFIX_page")),
    Case("a shop that is not there", "problem", "shops", "There is no shop 9, which `shops` names.",
         "Its shops are 1", settings(shops={"9": {"user_id_prefix": "nine-"}})),
    Case("a language that is not there", "problem", "shop", "The shop has no language 'xx'.", "Set `language`",
         settings(language="xx")),
    # Segment.
    Case("the key is refused", "problem", "segment", "Segment answered 401 …: the write key does not hold here.",
         "segment.write_key", answered(status=401)),
    Case("another region", "problem", "segment", "The host answered with a redirect to another address.",
         "https://events.eu1.segmentapis.com", failing(Redirect())),
    Case("not Segment", "problem", "segment", "The host answered 404 Not Found, which Segment does not.",
         "segment.host", answered(status=404)),
    Case("nobody there", "problem", "segment", "The connection to Segment failed or broke off.",
         "Check segment.host and the way out", settings(segment={"host": "http://127.0.0.1:1"})),
    Case("an unknown name", "problem", "segment", "The name of segment.host could not be resolved (DNS).",
         "the way out of this network", settings(segment={"host": "http://no.invalid"})),
    Case("Segment is out of order", "problem", "segment", "Segment answered 503 Service Unavailable.",
         "Check segment.host", failing(Status(503))),
    Case("this host's clock is wrong", "warning", "clock", "This host's clock is +7… s ahead of Segment's.", "NTP",
         dated_otherwise),
    # This host.
    Case("switched off", "warning", "active", "The poller is switched off: …", "active: true", settings(active=False)),
    Case("everybody may write there", "warning", "state",
         "Everybody on this host may put files into the state directory ….", "chmod 700", opened_directory(0o777)),
    Case("everybody may read there", "warning", "state",
         "Everybody on this host may look into the state directory ….", "chmod 700", opened_directory(0o755)),
    Case("no directory", "problem", "state", "The state directory … does not exist.", "install -d -m 0700",
         in_no_directory),
    Case("another program's file", "problem", "state", "The state store … is damaged: ….", "Restore its copy",
         of_another_program),
    Case("a damaged store", "problem", "state", "The state store is damaged: ….", "restore.md", damaged),
    # What waits in the outbox.
    Case("dead letters", "warning", "outbox", "Segment refused … messages for good: they are kept as dead letters.",
         "dead-letters list", buried),
    Case("a crowd", "warning", "outbox",
         "50,… messages wait in the outbox: a backfill reads no further until they are fewer.", "poller status",
         crowded),
    Case("sending stopped", "problem", "outbox", "Nothing is sent to source …: Segment answered 401 …",
         "Put that right", stopped),
    # Events of the operator's own.
    Case("a file that cannot be used", "problem", OWN, "Custom event email_opened: email_opened.sql is not a SELECT.",
         "may only read", custom(GOOD.replace("SELECT", "DELETE"))),
    Case("no file", "problem", OWN, "Custom event email_opened: cannot read …", "Put the statement there", custom("")),
    Case("a column that is not there", "problem", OWN, "…Unknown column…", "Correct the name",
         custom(GOOD.replace("c.subject", "c.sujet AS subject"))),
    Case("a table that is not there", "problem", OWN,
         "custom/email_opened reads ps_mailer_cmpaign, which is not there or not readable.", "Correct its name",
         custom(GOOD.replace("PREFIX_mailer_campaign", "PREFIX_mailer_cmpaign"))),
    Case("a page without end", "problem", OWN, "email_opened: the statement does not heed :page_size.", "LIMIT",
         custom(GOOD.replace("LIMIT :page_size", "LIMIT 500 OFFSET 0").replace(
             "WHERE", "WHERE :page_size > 0 AND"))),
    Case("a date that is none", "problem", OWN, "email_opened: stamp is not a date and time.", "DATETIME",
         custom(GOOD.replace("o.date_add AS stamp", "c.name AS stamp"))),
    Case("bytes", "problem", OWN, "email_opened: name holds binary values, which JSON does not know.", "HEX(name)",
         custom(GOOD.replace("    c.name\n", "    UNHEX('FF00') AS name\n"))),
    Case("a scan of a large table", "warning", OWN,
         "custom/email_opened reads a table of some … rows whole, every few seconds.", "indexed id",
         custom(SCANNING.replace("ORDER BY o.id_open", "ORDER BY o.id_open + 0").replace(
             "served by  PRIMARY", "served by  full scan"), rows=30_000)),
    Case("no such index", "problem", OWN, "custom/email_opened: no index PRIMARY serves it.", "Filter and order by",
         custom(SCANNING)),
]  # fmt: skip


def look(stage: Stage) -> list[Finding]:
    """What `check` finds, asked in this process."""
    return list(Desk(load_settings(stage.config)).check())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_what_is_wrong_is_found_and_has_its_remedy(stage: Stage, case: Case) -> None:
    with case.arrange(stage) or nullcontext():
        found = look(stage)
    told = [f"{finding.level} {finding.topic}: {finding.text} | {finding.remedy}" for finding in found]
    assert any(case.fits(finding) for finding in found), "\n".join(told)


def test_where_nothing_is_wrong_nothing_is_found(stage: Stage) -> None:
    """Or the cases above would prove nothing."""
    grants = [f"SELECT ON DATABASE.{name}" for name in stage.tables()]
    stage.keeper.order(stage.keeper.customer())
    stage.catch_up()
    with account("PROCESS ON *.*", *grants)(stage):
        assert [finding for finding in look(stage) if finding.level != "ok"] == []


def test_each_grant_that_is_missing_is_seen(stage: Stage) -> None:
    """Table by table: named in a problem, or, where only some shops have it, among what is off."""
    shops, modules = read_tables()
    for table in sorted(shops | modules):
        with lacking(table)(stage):
            found = look(stage)
        problems = [finding for finding in found if finding.level == "problem"]
        if table in modules:
            off = [finding for finding in found if finding.topic == "modules" and "therefore off" in finding.text]
            assert (problems, [finding.level for finding in off]) == ([], ["ok"]), table
        else:
            assert any(f"ps_{table}" in finding.text for finding in problems), (table, problems)
            assert all("grants.sql" in finding.remedy for finding in problems), table


def without_privilege() -> list[str]:
    """Before a command, so that file permissions hold for it: root's are taken off it."""
    drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    return drop if os.geteuid() == 0 else []


def test_a_state_directory_that_cannot_be_written(stage: Stage) -> None:
    closed = stage.directory / "closed"
    closed.mkdir(mode=0o500)
    stage.configure(state={"url": f"sqlite:///{closed}/state.db"})
    done = run(stage.config, "check", "--json", through=without_privilege())
    assert done.returncode == 1
    assert f"The state directory {closed} cannot be written by uid {os.geteuid()}." in done.stdout
    assert f"chown poller: {closed}" in done.stdout


@pytest.mark.parametrize(
    ("megabytes", "level", "words"),
    [(2, "problem", "The disk is full where the state store is:"), (40, "warning", "Only 42 MB are free")],
)
def test_a_small_or_full_disk(stage: Stage, megabytes: int, level: str, words: str) -> None:
    """On a disk of its own, which only root can make."""
    place = stage.directory / "disk"
    place.mkdir()
    stage.configure(state={"url": f"sqlite:///{place}/state.db"})
    mount = ["unshare", "--mount", "--propagation", "private", "bash", "-c"]
    script = f'mount -t tmpfs -o size={megabytes}m,mode=0700 none "{place}" || exit 99; exec "$@"'
    done = run(stage.config, "check", "--json", through=[*mount, script, "disk"])
    if done.returncode not in {0, 1}:
        pytest.skip(f"this machine lets nobody mount a disk: {done.stderr}")
    (room,) = [finding for finding in _told(done.stdout) if finding["topic"] == "room"]
    assert (room["level"], words in room["text"]) == (level, True)
    assert "Make room" in room["remedy"]
    assert done.returncode == (level == "problem")


def test_a_program_that_metrics_want(stage: Stage) -> None:
    """The library is hidden from the command, as where the extra was not installed."""
    blocker = stage.directory / "without"
    blocker.mkdir()
    (blocker / "sitecustomize.py").write_text("import sys\nsys.modules['prometheus_client'] = None\n")
    stage.configure(monitoring={"textfile": str(stage.directory / "poller.prom")})
    done = run(stage.config, "check", "--json", through=["env", f"PYTHONPATH={blocker}"])
    assert done.returncode == 1
    (found,) = [finding for finding in _told(done.stdout) if finding["topic"] == "metrics"]
    assert found["level"] == "problem"
    assert "Install the extra `metrics`" in found["remedy"]


def _told(text: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(text)
    return found


def test_settings_that_everybody_may_read_are_refused(stage: Stage) -> None:
    stage.config.chmod(0o644)
    with pytest.raises(ConfigurationError, match="everybody on this host may read it") as raised:
        load_settings(stage.config)
    assert f"chmod 600 {stage.config}" in raised.value.hint


def test_a_store_that_everybody_may_read_is_closed(stage: Stage) -> None:
    stage.catch_up()
    stage.state.chmod(0o644)
    assert any(finding.topic == "state" and finding.level == "ok" for finding in look(stage))
    assert stage.state.stat().st_mode & 0o777 == 0o600


def test_check_says_it_on_paper_and_by_its_exit_code(stage: Stage) -> None:
    """The door: a warning is exit 0, a problem exit 1; the remedy stands beside what was found."""
    stage.keeper.run("ALTER TABLE PREFIX_orders ENGINE = MyISAM")
    warned = stage.run("check")
    assert warned.returncode == 0
    assert "ENGINE=InnoDB" in warned.stdout
    stage.keeper.run("DELETE FROM PREFIX_configuration WHERE name = 'PS_OS_REFUND'")
    assert stage.run("check").returncode == 1
