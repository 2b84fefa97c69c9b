"""`poller events`: the catalogue for people, for programs, and as JSON Schemas."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from poller.streams.registry import event_types
from tests.cli.installed import NOWHERE, poller


def test_the_table_has_an_answer_for_every_event(tmp_path: Path) -> None:
    done = poller("events", cwd=tmp_path)
    assert done.returncode == 0
    assert "note: with the default settings" in done.stderr
    lines = {line.partition("  ")[0].strip(): line for line in done.stdout.splitlines()}
    assert " sent " in lines["Order Completed"]
    assert "not in the database" in lines["Email Opened"]
    assert set(event_types()) <= set(lines)


def test_names_and_switches_are_those_of_the_settings(tmp_path: Path) -> None:
    choices = {"Order Completed": {"name": "Purchase"}, "Order Refunded": {"enabled": False}}
    settings = {**NOWHERE, "POLLER_SPELLING": "xcommerce", "POLLER_EVENTS": json.dumps(choices)}
    done = poller("events", "--json", cwd=tmp_path, settings=settings)
    assert (done.returncode, done.stderr) == (0, "")
    found = {event["name"]: event for event in json.loads(done.stdout)}
    assert found["Order Completed"]["sent_as"] == "Purchase"
    assert found["Order Cancelled"]["sent_as"] == "Order Canceled"
    assert found["Order Refunded"]["answer"] == "switched off"
    (total,) = (one for one in found["Order Completed"]["properties"] if one["name"] == "total")
    assert (total["kind"], total["absent"]) == ("number", "never")


def test_a_schema_for_every_event_that_is_sent(tmp_path: Path) -> None:
    choices = {"Order Completed": {"name": "Purchase"}, "Order Refunded": {"enabled": False}}
    settings = {**NOWHERE, "POLLER_EVENTS": json.dumps(choices)}
    done = poller("events", "--json-schema", "plan/schemas", cwd=tmp_path, settings=settings)
    assert done.returncode == 0, done.stderr
    schemas = {file.name: json.loads(file.read_text()) for file in (tmp_path / "plan" / "schemas").iterdir()}
    assert "order-refunded.json" not in schemas
    assert len(schemas) == sum(event.is_on for event in event_types().values()) - 1
    for schema in schemas.values():
        Draft7Validator.check_schema(schema)
    purchase = schemas["order-completed.json"]
    assert purchase["properties"]["event"] == {"const": "Purchase"}
    assert purchase["properties"]["properties"]["properties"]["total"]["type"] == "number"
    assert purchase["properties"]["properties"]["properties"]["order_id"]["type"] == "string"


@pytest.mark.parametrize("place", ["a file", "below a file"])
def test_a_directory_that_cannot_be_written_is_a_usage_error(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    target = "file" if place == "a file" else "file/below"
    done = poller("events", "--json-schema", target, cwd=tmp_path, settings=NOWHERE)
    assert done.returncode == 2
    assert "file" in done.stderr
