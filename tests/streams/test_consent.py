"""Consent: only what the operator named is told, and of it what the customer answered."""

import json
from dataclasses import replace

from poller.core.events import Event
from poller.core.identity import message_id
from poller.segment.compose import MessageComposer
from poller.segment.privacy import Privacy
from poller.segment.wire import Wire
from poller.streams import customers
from tests.streams.builders import ANNA, LATER, NOON, POLICY

ANSWERED = replace(ANNA, consents={"Advertising": False, "Marketing": True})
WIRE = Wire(namespace=POLICY.namespace, write_key="key")


def identified(customer: customers.CustomerFacts) -> Event:
    (event,) = (e for e in customers.derive(LATER, customer, None, policy=POLICY).events if e.call == "identify")
    return event


def test_answers_stand_in_the_context_and_among_the_traits() -> None:
    for wire in (WIRE, replace(WIRE, privacy=Privacy(traits=frozenset({"email"})))):
        message = json.loads(MessageComposer(wire).compose(identified(ANSWERED)).text)
        assert message["context"]["consent"] == {"categoryPreferences": {"Advertising": False, "Marketing": True}}
        assert ("userConsent" in message["traits"]) == (wire is WIRE), "an allow-list of traits is of traits"


def test_both_ways_write_the_same() -> None:
    event, composer = identified(ANSWERED), MessageComposer(WIRE)
    identity = message_id(WIRE.namespace, event.fact)
    assert composer.compose(event).text == composer.text_by_library(event, identity)


def test_without_categories_nothing_is_said_and_never_an_empty_object() -> None:
    message = json.loads(MessageComposer(WIRE).compose(identified(ANNA)).text)
    assert "consent" not in message["context"]
    assert "userConsent" not in message["traits"]


def test_another_answer_is_another_identify_call() -> None:
    first = customers.derive(NOON, ANSWERED, None, policy=POLICY)
    changed = replace(ANSWERED, consents={"Advertising": True, "Marketing": True})
    second = customers.derive(LATER, changed, first.memory, policy=POLICY)
    assert first.events[0].fact != second.events[0].fact
