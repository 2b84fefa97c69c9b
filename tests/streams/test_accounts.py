"""Accounts: signing up, and the newsletter's switch; sessions: signing in."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from poller.core.events import Event
from poller.core.policy import Policy, UserId
from poller.streams import customers, sessions
from poller.streams.customers import CustomerFacts
from poller.streams.outcome import Outcome
from poller.streams.sessions import SessionFacts
from tests.streams.builders import ANNA, EVERYTHING, LATER, POLICY, minutes

GUEST = replace(ANNA, is_guest=True)
READER = replace(ANNA, is_newsletter=True)


def look(facts: CustomerFacts, memory: str | None = None, *, now: datetime = LATER, policy: Policy = POLICY) -> Outcome:
    return customers.derive(now, facts, memory, policy=policy)


def told(outcome: Outcome, name: str) -> list[Event]:
    return [event for event in outcome.events if event.name == name]


def told_at(outcome: Outcome, name: str) -> list[datetime]:
    return [event.occurred_at for event in told(outcome, name)]


class TestSignedUp:
    def test_an_account_signed_up_when_it_was_made(self) -> None:
        (event,) = told(look(ANNA), "Signed Up")
        assert (event.fact, event.occurred_at) == ("customer/4/signed_up", ANNA.added_at)
        assert (event.who.user_id, event.properties) == ("4", {"email": "anna@example.com"})

    def test_a_guest_did_not_sign_up(self) -> None:
        assert told(look(GUEST), "Signed Up") == []

    def test_a_guest_signs_up_when_the_account_is_opened(self) -> None:
        """The same id: is_guest goes to 0 (Customer::transformToCustomer)."""
        before = look(GUEST)
        after = look(replace(ANNA, updated_at=minutes(5)), before.memory, now=minutes(6))
        (event,) = told(after, "Signed Up")
        assert event.occurred_at == minutes(5)
        assert event.properties == {"email": "anna@example.com", "was_guest": True}
        again = look(replace(ANNA, updated_at=minutes(9)), after.memory, now=minutes(10))
        assert told(again, "Signed Up") == [event]

    def test_without_a_date_nothing_says_when(self) -> None:
        assert told(look(replace(ANNA, added_at=None)), "Signed Up") == []

    def test_without_a_user_id_the_customer_has_an_anonymous_one(self) -> None:
        policy = replace(POLICY, user_id=UserId(source="anonymous"))
        (event,) = told(look(ANNA, policy=policy), "Signed Up")
        assert event.who.user_id is None
        assert event.who.anonymous_id

    def test_switched_off_it_is_not_told(self) -> None:
        assert told(look(ANNA, policy=replace(POLICY, disabled=frozenset({"Signed Up"}))), "Signed Up") == []

    @pytest.mark.parametrize("change", [{"is_deleted": True}, {"is_erased": True}, {"is_house_account": True}])
    def test_nothing_is_told_of_who_is_excluded(self, change: dict[str, Any]) -> None:
        assert look(replace(READER, **change)).events == ()


class TestNewsletter:
    def test_who_registers_with_it_subscribes(self) -> None:
        (event,) = told(look(replace(READER, subscribed_at=ANNA.added_at)), "Subscribed")
        assert event.occurred_at == ANNA.added_at
        assert event.properties == {"email": "anna@example.com", "list_name": "newsletter"}

    def test_who_has_it_since_nobody_knows_when_is_not_told(self) -> None:
        assert told(look(READER), "Subscribed") == []

    def test_who_never_had_it_did_not_unsubscribe(self) -> None:
        assert told(look(ANNA), "Unsubscribed") == []

    def test_the_box_in_the_footer_is_dated_by_its_own_date(self) -> None:
        """[35] It moves no date_upd, but newsletter_date_add."""
        before = look(ANNA, now=minutes(1))
        after = look(replace(READER, subscribed_at=minutes(5)), before.memory, now=minutes(9))
        assert told_at(after, "Subscribed") == [minutes(5)]

    def test_switching_off_is_dated_by_the_save_else_when_it_is_noticed(self) -> None:
        """newsletter_date_add stays as it was."""
        before = look(replace(READER, subscribed_at=minutes(1)), now=minutes(2))
        saved = look(replace(ANNA, subscribed_at=minutes(1), updated_at=minutes(5)), before.memory, now=minutes(9))
        assert told_at(saved, "Unsubscribed") == [minutes(5)]
        silent = look(replace(ANNA, subscribed_at=minutes(1)), before.memory, now=minutes(9))
        assert told_at(silent, "Unsubscribed") == [minutes(9)]

    def test_on_off_and_on_again_are_three_facts(self) -> None:
        first = look(replace(READER, subscribed_at=minutes(1)), now=minutes(2))
        second = look(replace(ANNA, subscribed_at=minutes(1)), first.memory, now=minutes(3))
        third = look(replace(READER, subscribed_at=minutes(1)), second.memory, now=minutes(4))
        assert told_at(third, "Subscribed") == [minutes(1), minutes(4)], "the old date proves nothing new"
        assert told_at(third, "Unsubscribed") == [minutes(3)]
        assert len({event.fact for event in third.events}) == len(third.events)

    def test_looking_again_changes_nothing(self) -> None:
        first = look(replace(READER, subscribed_at=minutes(1)), now=minutes(2))
        again = look(replace(READER, subscribed_at=minutes(1)), first.memory, now=minutes(60))
        assert (again.events, again.memory) == (first.events, first.memory)


class TestSignedIn:
    def derive(self, customer: CustomerFacts | None, at: datetime | None, policy: Policy = EVERYTHING) -> Outcome:
        facts = SessionFacts(session_id=12, customer=customer, at=at)
        return sessions.derive(LATER, facts, None, policy=policy)

    def test_a_session_is_a_sign_in(self) -> None:
        (event,) = self.derive(ANNA, minutes(5)).events
        assert (event.name, event.occurred_at, event.who.user_id) == ("Signed In", minutes(5), "4")
        assert event.fact == f"session/12/signed_in/{minutes(5).isoformat()}"

    def test_registering_and_saving_the_account_open_sessions_that_are_none(self) -> None:
        new = replace(ANNA, added_at=minutes(5), updated_at=minutes(5))
        assert self.derive(new, minutes(5) + timedelta(seconds=1)).events == ()
        saved = replace(ANNA, updated_at=minutes(5))
        assert self.derive(saved, minutes(5)).events == ()

    def test_a_guest_signs_nowhere_in(self) -> None:
        assert self.derive(GUEST, minutes(5)).events == ()

    def test_sessions_from_before_the_first_run_are_not_believed(self) -> None:
        """[39] An upgrade to 8.0 dates every session with its own time."""
        policy = replace(EVERYTHING, first_run=minutes(6))
        assert self.derive(ANNA, minutes(5), policy).events == ()
        assert len(self.derive(ANNA, minutes(6), policy).events) == 1

    def test_where_nothing_dates_it_nothing_is_told(self) -> None:
        assert self.derive(ANNA, None).events == ()

    def test_nothing_is_told_of_who_is_excluded_or_gone(self) -> None:
        assert self.derive(replace(ANNA, is_erased=True), minutes(5)).events == ()
        assert self.derive(None, minutes(5)).events == ()
