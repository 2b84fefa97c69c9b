"""The receiver: Segment's documented rules, each refused over real HTTP, and what it keeps of the rest."""

import json
import subprocess
import sys
import threading
import time
from base64 import b64encode
from typing import Any

import pytest
import requests

from poller.demo.receiver import Receiver
from tests.demo.posting import message, packed, post


def test_what_breaks_no_rule_is_kept_in_order_with_its_time() -> None:
    with Receiver() as receiver:
        assert post(receiver, message(1), message(2)).json() == {"success": True}
        assert post(receiver, message(3)).status_code == 200
        assert receiver.accepted == [message(1), message(2), message(3)]
        assert [arrival.at for arrival in receiver.arrivals] == sorted(arrival.at for arrival in receiver.arrivals)
        assert receiver.violations == []
        assert receiver.requests == 2


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"messageId": ""}, "no messageId"),
        ({"messageId": None}, "no messageId"),
        ({"messageId": "x" * 101}, "a messageId longer than 100"),
        ({"userId": None}, "neither userId nor anonymousId"),
        ({"userId": ""}, "neither userId nor anonymousId"),
        ({"userId": 17}, "an id that is no text"),
        ({"type": "purchase"}, "an unknown type"),
        ({"event": ""}, "no event name"),
        ({"event": " "}, "no event name"),
        ({"event": None}, "no event name"),
        ({"timestamp": "2026-03-01T10:00:00"}, "no timestamp with a zone"),
        ({"timestamp": "yesterday"}, "no timestamp with a zone"),
        ({"timestamp": None}, "no timestamp with a zone"),
        ({"properties": []}, "properties that are no object"),
        ({"traits": "x"}, "traits that are no object"),
    ],
)
def test_a_message_that_breaks_a_rule_takes_its_whole_batch_with_it(changes: dict[str, Any], rule: str) -> None:
    with Receiver() as receiver:
        broken = message(2, **changes)
        assert post(receiver, message(1), broken).status_code == 400
        assert receiver.violations == [f"{broken['messageId']}: {rule}"]
        assert receiver.accepted == []


@pytest.mark.parametrize(
    "changes",
    [
        {"messageId": "x" * 100},
        {"userId": None, "anonymousId": "a"},
        {"type": "identify", "event": None, "traits": {}},
        {"timestamp": "2026-03-01T12:00:00+02:00"},
    ],
)
def test_what_is_just_allowed_is_allowed(changes: dict[str, Any]) -> None:
    with Receiver() as receiver:
        assert post(receiver, message(1, **changes)).status_code == 200


def test_a_message_is_measured_as_it_was_sent() -> None:
    with Receiver() as receiver:
        bare = len(json.dumps(message(1, properties={"text": ""})))
        fits = message(1, properties={"text": "x" * (32 * 1024 - bare)})
        assert post(receiver, fits).status_code == 200
        larger = message(1, properties={"text": "x" * (32 * 1024 - bare + 1)})
        assert post(receiver, larger).status_code == 400
        assert receiver.violations == ["m-1: larger than 32768 bytes: 32769"]
        # The same text takes three bytes a letter in UTF-8, and six if it is escaped.
        letters = message(1, properties={"text": "é" * 9_000})
        assert post(receiver, raw=json.dumps({"batch": [letters], "writeKey": "k"}).encode()).status_code == 400
        whole = json.dumps({"batch": [letters], "writeKey": "k"}, ensure_ascii=False).encode()
        assert post(receiver, raw=whole).status_code == 200


def test_a_batch_is_measured_unpacked() -> None:
    with Receiver() as receiver:
        many = [message(number, properties={"text": "x" * 30_000}) for number in range(17)]
        basic = {"Authorization": "Basic " + b64encode(b"key:").decode()}
        assert post(receiver, *many).status_code == 400
        packed_headers = basic | {"Content-Encoding": "gzip"}
        assert post(receiver, raw=packed(*many), headers=packed_headers).status_code == 400
        assert receiver.violations == ["a batch of more than 500000 bytes"] * 2
        assert post(receiver, raw=packed(*many[:16]), headers=packed_headers).status_code == 200
        assert len(receiver.accepted) == 16


def test_a_batch_holds_2500_messages() -> None:
    small = {"type": "track", "event": "e", "userId": "1", "timestamp": "2026-03-01T10:00:00Z"}
    with Receiver() as receiver:
        assert post(receiver, *[small | {"messageId": str(n)} for n in range(2_500)]).status_code == 200
        assert post(receiver, *[small | {"messageId": str(n)} for n in range(2_501)]).status_code == 400
        assert receiver.violations == ["a batch of 2501 messages"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'{"batch": [',
        b'{"batch": []}',
        b'{"batch": {}, "writeKey": "k"}',
        b'{"batch": [1], "writeKey": "k"}',
        b'{"batch": [{"total": NaN}], "writeKey": "k"}',
        b'{"batch": [{"total": Infinity}], "writeKey": "k"}',
        b'{"writeKey": "k"} x',
        b'{1: 2, "writeKey": "k"}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_batch_is_refused(raw: bytes) -> None:
    headers = {"Authorization": "Basic " + b64encode(b"key:").decode()}
    with Receiver() as receiver:
        assert post(receiver, raw=raw, headers=headers).status_code == 400
        assert len(receiver.violations) == 1


def test_the_key_comes_in_the_body_or_in_the_header() -> None:
    good, bad = ({"Authorization": "Basic " + b64encode(key + b":").decode()} for key in (b"good", b"bad"))
    body = json.dumps({"batch": [message()]}).encode()
    with Receiver(write_keys=["good"]) as receiver:
        assert post(receiver, message(), key="good").status_code == 200
        assert post(receiver, raw=body, headers=good).status_code == 200
        assert post(receiver, raw=body, headers=bad).status_code == 401
        assert post(receiver, message(), key="bad").status_code == 401
        assert post(receiver, raw=body).status_code == 401
        assert (
            post(
                receiver, raw=body, headers={"Authorization": "Basic §".encode("latin-1").decode("latin-1")}
            ).status_code
            == 400
        )
        assert len(receiver.accepted) == 2


def test_there_is_one_address() -> None:
    with Receiver() as receiver:
        assert post(receiver, message(), path="/v1/track").status_code == 404
        assert receiver.accepted == []


def test_what_came_twice_is_counted_once_and_compared() -> None:
    with Receiver() as receiver:
        post(receiver, message(1), message(2), message(3))
        post(receiver, message(1, sentAt="2026-03-01T10:00:05Z"), message(2, properties={"total": 13}))
        assert len(receiver.accepted) == 5
        assert receiver.distinct() == {f"m-{number}": message(number) for number in (1, 2, 3)}
        assert receiver.conflicts() == ["m-2"]


def test_waiting_ends_when_it_holds_and_not_later() -> None:
    with Receiver() as receiver:
        poster = threading.Thread(target=post, args=(receiver, message()))
        poster.start()
        assert receiver.wait_for(lambda r: len(r.accepted) == 1, timeout=10)
        poster.join()
        began = time.monotonic()
        assert not receiver.wait_for(lambda r: len(r.accepted) == 2, timeout=0.1)
        assert time.monotonic() - began < 5


def test_one_connection_serves_many_requests_without_a_delay() -> None:
    with Receiver() as receiver, requests.Session() as session:
        began = time.monotonic()
        for number in range(100):
            assert post(receiver, message(number), session=session).status_code == 200
        # With the kernel holding back small packets, each would take 40 ms.
        assert time.monotonic() - began < 2


def test_closing_cuts_a_client_that_waits() -> None:
    with requests.Session() as session:
        with Receiver() as receiver:
            assert post(receiver, message(), session=session).status_code == 200
        with pytest.raises(requests.ConnectionError):
            post(receiver, message(), session=session)


def test_by_itself_it_prints_what_segment_would_get() -> None:
    command = [sys.executable, "-u", "-m", "poller.demo.receiver", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().split()[-1]
        body = {"batch": [message(1)], "writeKey": "any"}
        assert requests.post(f"{url}/v1/batch", json=body, timeout=10).status_code == 200
        assert requests.post(f"{url}/v1/batch", json=body | {"batch": []}, timeout=10).status_code == 400
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("refused"):
                break
        process.terminate()
        assert process.wait(30) == 0
    assert json.loads(said.partition("refused")[0]) == message(1)
    assert "refused: no batch" in said
