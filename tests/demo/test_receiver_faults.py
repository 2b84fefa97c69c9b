"""The receiver's faults: what the client sees of each, and whether the batch was stored."""

import pytest
import requests

from poller.demo.receiver import (
    Fault,
    NoSuccess,
    Receiver,
    Redirect,
    ResetAfter,
    ResetBefore,
    Slow,
    Status,
    Truncated,
)
from tests.demo.posting import message, post


@pytest.mark.parametrize("code", [400, 408, 429, 500, 503])
def test_a_status_is_answered_and_nothing_stored(code: int) -> None:
    with Receiver() as receiver:
        receiver.script(Status(code, retry_after="2"))
        answer = post(receiver, message())
        assert (answer.status_code, answer.headers["Retry-After"], answer.json()) == (code, "2", {"success": False})
        assert receiver.accepted == []
        assert receiver.violations == []


def test_without_retry_after_there_is_no_such_header() -> None:
    with Receiver() as receiver:
        receiver.script(Status(503))
        assert "Retry-After" not in post(receiver, message()).headers


@pytest.mark.parametrize(("fault", "stored"), [(ResetBefore(), 0), (ResetAfter(), 1)])
def test_a_reset_says_nothing_of_what_was_stored(fault: Fault, stored: int) -> None:
    with Receiver() as receiver:
        receiver.script(fault)
        with pytest.raises(requests.ConnectionError) as caught:
            post(receiver, message())
        assert "reset by peer" in str(caught.value)
        assert len(receiver.accepted) == stored
        assert post(receiver, message()).status_code == 200


def test_a_truncated_answer_comes_after_the_batch_was_stored() -> None:
    with Receiver() as receiver:
        receiver.script(Truncated())
        with pytest.raises(requests.RequestException, match="IncompleteRead"):
            post(receiver, message())
        assert len(receiver.accepted) == 1


def test_a_slow_answer_outlasts_the_clients_patience_and_the_batch_is_there() -> None:
    with Receiver() as receiver:
        receiver.script(Slow(30))
        with pytest.raises(requests.ReadTimeout):
            post(receiver, message(), timeout=0.3)
        assert len(receiver.accepted) == 1
        receiver.script(Slow(0.01))
        assert post(receiver, message()).json() == {"success": True}


def test_who_follows_a_redirect_finds_success_and_has_lost_the_batch() -> None:
    with Receiver() as receiver:
        receiver.script(Redirect())
        answer = post(receiver, message())
        assert answer.status_code == 302
        assert requests.get(answer.headers["Location"], timeout=10).json() == {"success": True}
        assert receiver.accepted == []


def test_200_without_success_stores_nothing() -> None:
    with Receiver() as receiver:
        receiver.script(NoSuccess())
        answer = post(receiver, message())
        assert (answer.status_code, answer.json()) == (200, {"success": False})
        assert receiver.accepted == []


def test_a_script_comes_first_then_the_standing_fault_until_it_is_lifted() -> None:
    with Receiver() as receiver:
        receiver.always(Status(503))
        receiver.script(Status(429), Status(500))
        assert [post(receiver, message()).status_code for _ in range(4)] == [429, 500, 503, 503]
        receiver.always(None)
        assert post(receiver, message()).status_code == 200
        assert receiver.requests == 5


def test_a_refused_batch_after_a_spoilt_one_keeps_its_reason() -> None:
    with Receiver() as receiver:
        receiver.script(ResetAfter(), Truncated())
        with pytest.raises(requests.ConnectionError):
            post(receiver, message(1, userId=None))
        with pytest.raises(requests.RequestException):
            post(receiver, message(2, userId=None))
        assert receiver.violations == [f"m-{number}: neither userId nor anonymousId" for number in (1, 2)]
        assert receiver.accepted == []
