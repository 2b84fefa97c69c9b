"""Sending again: the same messages under the same ids, or, if it must be, under new ones."""

import json
import re
from collections import Counter
from datetime import UTC, datetime

import pytest

from tests.acceptance.process import Started
from tests.acceptance.stage import Stage, answer, completed, messages_of
from tests.acceptance.test_backfill import history, in_the_past

PERIOD = ("--since", "2026-03-01", "--until", "2026-05-01")


def test_the_same_messages_come_again_under_the_same_ids(stage: Stage) -> None:
    orders = history(stage, orders=30)
    first = answer(stage.run("backfill", *PERIOD, "--json"))
    sent = stage.receiver.accepted
    again = answer(stage.run("replay", *PERIOD, "--json"))
    assert again["events"] == first["events"]
    assert again["delivered"] == len(sent)
    assert (again["not_delivered_yet"], again["not_found_any_more"]) == (0, 0)
    assert Counter(by_id(stage.receiver.accepted)) == Counter([*by_id(sent), *by_id(sent)])
    assert stage.is_clean(), "the same text, too"
    once_more = answer(stage.run("replay", *PERIOD, "--json"))
    assert once_more["events"] == first["events"]
    assert len(stage.receiver.accepted) == 3 * len(sent)
    assert stage.run("backfill", *PERIOD).returncode == 0
    stage.catch_up()
    assert len(stage.receiver.accepted) == 3 * len(sent), "no other door repeats anything"
    assert stage.told() == completed(*orders)
    audit = stage.run("audit", "--since", "2026-03-01", "--json")
    assert audit.returncode == 0, audit.stdout


def by_id(messages: list[dict[str, object]]) -> list[str]:
    return [str(message["messageId"]) for message in messages]


def test_new_ids_are_given_only_when_asked_for_and_what_that_does_is_said(stage: Stage) -> None:
    orders = history(stage, orders=20)
    assert stage.run("backfill", *PERIOD).returncode == 0
    before = stage.receiver.distinct()
    done = stage.run("replay", *PERIOD, "--new-ids", "--json")
    assert "they count twice: orders, revenue, refunds, e-mails" in done.stderr
    assert answer(done)["delivered"] == len(before)
    new = {key: message for key, message in stage.receiver.distinct().items() if key not in before}
    assert len(new) == len(before)
    assert sorted(map(unnamed, new.values())) == sorted(map(unnamed, before.values())), "all else is as it was"
    assert stage.told() == completed(*orders) + completed(*orders)
    audit = stage.run("audit", "--since", "2026-03-01", "--json")
    assert audit.returncode == 1
    assert "twice" in audit.stdout


def unnamed(message: dict[str, object]) -> str:
    return json.dumps({name: value for name, value in message.items() if name != "messageId"}, sort_keys=True)


def test_one_order(stage: Stage) -> None:
    first, other = history(stage, orders=20)[:2]
    with in_the_past(stage, datetime(2026, 4, 2, tzinfo=UTC)):
        stage.keeper.enter(first, 6)
    assert stage.run("backfill", *PERIOD).returncode == 0
    before = Counter(by_id(stage.receiver.accepted))
    report = answer(stage.run("replay", "--order", str(first), "--json"))
    assert report["events"] == {"Order Cancelled": 1, "Order Completed": 1, "identify": 2}
    repeated = Counter(by_id(stage.receiver.accepted)) - before
    assert {m["messageId"] for m in messages_of(stage.receiver, first)} <= repeated.keys()
    assert not {m["messageId"] for m in messages_of(stage.receiver, other)} & repeated.keys()
    assert repeated.total() == 4
    missing = stage.run("replay", "--order", "987654")
    assert missing.returncode == 78
    assert "The shop has no order 987654." in missing.stderr


def test_only_some_kinds_of_things(stage: Stage) -> None:
    history(stage, orders=20)
    assert stage.run("backfill", *PERIOD).returncode == 0
    report = answer(stage.run("replay", *PERIOD, "--only", "orders", "--json"))
    assert report["events"] == {"Order Completed": 20, "identify": 20}
    assert report["delivered"] == 40


def test_what_was_not_delivered_yet_is_left_to_the_other_doors(stage: Stage) -> None:
    orders = history(stage, orders=10)
    assert stage.run("backfill", "--since", "2026-03-01", "--until", "2026-03-02T12:05").returncode == 0
    sent = stage.receiver.distinct()
    assert 0 < len(sent) < 2 * len(orders)
    report = answer(stage.run("replay", *PERIOD, "--json"))
    assert report["delivered"] == len(sent)
    assert report["not_delivered_yet"] > 0
    assert stage.receiver.distinct().keys() == sent.keys()
    nothing = answer(stage.run("replay", "--order", str(orders[-1]), "--json"))
    assert nothing["events"] == {}
    assert nothing["note"] == "Nothing to send again: nothing of it was delivered."


@pytest.mark.parametrize("new_ids", [(), ("--new-ids",)], ids=["same ids", "new ids"])
def test_killed_it_goes_on_and_gives_no_third_id(stage: Stage, new_ids: tuple[str, ...]) -> None:
    history(stage, orders=60)
    assert stage.run("backfill", *PERIOD).returncode == 0
    before = stage.receiver.distinct()
    count = len(stage.receiver.accepted)
    stage.configure(page_size=10, segment={"rate_limit": 30})
    with Started(stage.config, "replay", *PERIOD, *new_ids) as process:
        assert stage.receiver.wait_for(lambda receiver: len(receiver.arrivals) > count + 35, 30)
        process.kill()
    stage.configure()
    done = stage.run("replay", *PERIOD, *new_ids)
    assert done.returncode == 0, done.stderr
    assert len(stage.receiver.distinct()) == len(before) * (2 if new_ids else 1)
    repeated = Counter(by_id(stage.receiver.accepted[count:]))
    assert len(repeated) == len(before)
    assert repeated.total() <= len(before) + 30, "but for the batch that was under way"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "say --since, with or without --until and --only, or --order"),
        (("--since", "2026-03-01", "--order", "3"), "say --since, with or without --until and --only, or --order"),
        (("--order", "3", "--until", "2026-03-01"), "say --since, with or without --until and --only, or --order"),
        (("--since", "2099-01-01"), "--since: lies in the future"),
    ],
)
def test_what_is_to_be_sent_again_must_be_said(stage: Stage, arguments: tuple[str, ...], words: str) -> None:
    done = stage.run("replay", *arguments)
    assert done.returncode == 2
    assert words in re.sub(r"\s+", " ", done.stderr)


def test_without_a_state_store_nobody_knows_what_was_delivered(stage: Stage) -> None:
    done = stage.run("replay", *PERIOD)
    assert done.returncode == 78
    assert "the poller has not run yet" in done.stderr
    assert not stage.state.exists()
