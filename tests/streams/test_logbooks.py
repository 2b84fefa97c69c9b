"""What is written once: e-mails, messages, searches, visitors' subscriptions; what is told of them, and what is not."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from poller.core.events import Event
from poller.core.policy import Policy
from poller.streams import mails, messages, searches, subscribers
from poller.streams.mails import MailFacts
from poller.streams.messages import MessageFacts
from poller.streams.outcome import Outcome
from poller.streams.searches import SearchFacts
from poller.streams.subscribers import SubscriberFacts
from tests.streams.builders import ANNA, LATER, POLICY, minutes

MAIL = MailFacts(mail_id=8, template="order_conf", subject="Thank you", customer=ANNA, at=minutes(1))
REPLY = MessageFacts(
    message_id=9,
    thread_id=2,
    shop_id=1,
    order_id=17,
    customer=ANNA,
    email="anna@example.com",
    is_by_employee=False,
    is_private=False,
    is_first=False,
    at=minutes(1),
)
SEARCH = SearchFacts(search_id=10, shop_id=1, query="mug", results=0, at=minutes(1))
VISITOR = SubscriberFacts(subscriber_id=7, shop_id=2, email="v@example.com", is_active=True, at=minutes(1))
INTERNAL = replace(POLICY, internal=frozenset({"anna@example.com", "v@example.com"}))


def off(name: str) -> Policy:
    return replace(POLICY, disabled=frozenset({name}))


class TestMails:
    def look(self, facts: MailFacts, policy: Policy = POLICY) -> tuple[Event, ...]:
        return mails.derive(LATER, facts, None, policy=policy).events

    def test_an_e_mail_to_a_customer_is_told(self) -> None:
        (event,) = self.look(MAIL)
        assert (event.name, event.occurred_at, event.who.user_id) == ("Email Sent", minutes(1), "4")
        assert event.properties == {
            "email": "anna@example.com",
            "email_id": "8",
            "email_template": "order_conf",
            "email_subject": "Thank you",
        }

    @pytest.mark.parametrize("template", sorted(mails.PRIVATE))
    def test_nothing_is_told_of_passwords_and_of_what_people_wrote(self, template: str) -> None:
        assert self.look(replace(MAIL, template=template)) == ()

    def test_an_id_that_begins_again_is_another_fact(self) -> None:
        """Merchants empty the table."""
        assert self.look(MAIL)[0].fact != self.look(replace(MAIL, at=minutes(2)))[0].fact

    @pytest.mark.parametrize("change", [{"customer": None}, {"at": None}])
    def test_without_a_customer_or_a_time_there_is_nothing_to_tell(self, change: dict[str, Any]) -> None:
        assert self.look(replace(MAIL, **change)) == ()

    def test_nothing_is_told_of_who_is_excluded_or_where_it_is_off(self) -> None:
        assert self.look(MAIL, INTERNAL) == ()
        assert self.look(MAIL, off("Email Sent")) == ()


class TestMessages:
    def look(self, facts: MessageFacts, policy: Policy = POLICY) -> tuple[Event, ...]:
        return messages.derive(LATER, facts, None, policy=policy).events

    def test_a_reply_is_told_without_its_text(self) -> None:
        (event,) = self.look(REPLY)
        assert (event.name, event.fact, event.who.user_id) == ("Email Replied", "message/9/replied", "4")
        assert event.properties == {
            "email": "anna@example.com",
            "message_id": "9",
            "thread_id": "2",
            "order_id": "17",
        }

    @pytest.mark.parametrize("change", [{"is_first": True}, {"is_by_employee": True}, {"is_private": True}])
    def test_questions_answers_and_notes_are_no_replies(self, change: dict[str, Any]) -> None:
        """[48]"""
        assert self.look(replace(REPLY, **change)) == ()

    def test_who_has_no_account_is_one_person_for_each_thread(self) -> None:
        first, second = (self.look(replace(REPLY, customer=None, message_id=key))[0].who for key in (9, 10))
        assert first == second
        assert (first.user_id, first.traits) == (None, {"email": "anna@example.com"})

    def test_nothing_is_told_of_who_is_excluded_or_where_it_is_off(self) -> None:
        assert self.look(REPLY, INTERNAL) == ()
        assert self.look(replace(REPLY, customer=None), INTERNAL) == ()
        assert self.look(REPLY, off("Email Replied")) == ()


class TestSearches:
    def look(self, facts: SearchFacts, policy: Policy = POLICY) -> tuple[Event, ...]:
        return searches.derive(LATER, facts, None, policy=policy).events

    def test_a_search_is_told_of_nobody_in_particular(self) -> None:
        """[45] One anonymous id for all: Segment counts ids as users."""
        (event,) = self.look(SEARCH)
        assert event.properties == {"query": "mug", "results": 0}
        assert str(event.who.anonymous_id).startswith("unknown-searcher-")
        assert self.look(replace(SEARCH, search_id=11))[0].who == event.who
        assert self.look(replace(SEARCH, shop_id=2))[0].who != event.who

    def test_an_empty_search_or_one_without_a_time_is_none(self) -> None:
        assert self.look(replace(SEARCH, query="")) == ()
        assert self.look(replace(SEARCH, at=None)) == ()
        assert self.look(SEARCH, off("Products Searched")) == ()


class TestSubscribers:
    def look(
        self, facts: SubscriberFacts, memory: str | None = None, *, now: datetime = LATER, policy: Policy = POLICY
    ) -> Outcome:
        return subscribers.derive(now, facts, memory, policy=policy)

    def told(self, outcome: Outcome) -> list[tuple[str, datetime]]:
        return [(event.name, event.occurred_at) for event in outcome.events]

    def test_a_visitor_subscribes_under_an_anonymous_id_with_the_address_as_trait(self) -> None:
        (event,) = self.look(VISITOR).events
        assert (event.name, event.occurred_at, event.shop_id) == ("Subscribed", minutes(1), 2)
        assert (event.who.user_id, event.who.traits) == (None, {"email": "v@example.com"})
        assert event.properties == {"email": "v@example.com", "list_name": "newsletter"}

    def test_switched_off_they_unsubscribed_when_it_was_noticed(self) -> None:
        first = self.look(VISITOR)
        second = self.look(replace(VISITOR, is_active=False), first.memory, now=minutes(9))
        assert self.told(second) == [("Subscribed", minutes(1)), ("Unsubscribed", minutes(9))]
        again = self.look(replace(VISITOR, is_active=False), second.memory, now=minutes(99))
        assert again.events == second.events

    def test_gone_they_unsubscribed_under_the_same_id_without_the_address(self) -> None:
        first = self.look(VISITOR)
        gone = subscribers.gone(minutes(9), 7, first.memory, policy=POLICY)
        assert self.told(gone) == [("Subscribed", minutes(1)), ("Unsubscribed", minutes(9))]
        assert gone.events[1].who.anonymous_id == first.events[0].who.anonymous_id
        assert gone.events[1].properties == {"list_name": "newsletter"}
        assert "v@example.com" not in gone.memory
        assert subscribers.gone(minutes(99), 7, gone.memory, policy=POLICY).events == gone.events

    def test_who_never_confirmed_neither_subscribed_nor_unsubscribed(self) -> None:
        waiting = self.look(replace(VISITOR, is_active=False), now=minutes(2))
        assert waiting.events == ()
        assert waiting.again is not None
        assert subscribers.gone(minutes(9), 7, waiting.memory, policy=POLICY).events == ()
        confirmed = self.look(VISITOR, waiting.memory, now=minutes(3))
        assert self.told(confirmed) == [("Subscribed", minutes(3))]
        assert confirmed.again is not None, "nothing would tell of the end"

    def test_nothing_is_told_of_internal_addresses(self) -> None:
        assert self.look(VISITOR, policy=INTERNAL).events == ()
