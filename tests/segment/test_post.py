"""SegmentSender against a real server: what every answer, and every lack of one, means."""

import base64
import json
import logging
from datetime import UTC, datetime, timedelta
from inspect import Parameter, signature

import pytest
from requests import PreparedRequest, Response
from segment.analytics import request as library

from poller.ports import Accepted, Deferred, Misconfigured, Refused, Verdict
from poller.segment.verdict import SEE_HOST, SEE_KEY, SEE_PROXY, of_success, redirected, retry_after
from tests.segment.outlet import KEY, MESSAGE, NOON, sender
from tests.segment.server import Answer, ScriptedServer

pytestmark = pytest.mark.usefixtures("way")


def judged(answer: Answer) -> Verdict:
    with ScriptedServer(answer) as server:
        return sender(server.url).post([MESSAGE], attempt=0)


def test_a_batch_arrives_as_the_library_sends_it() -> None:
    with ScriptedServer() as server:
        assert sender(server.url).post([MESSAGE, MESSAGE.replace("m-1", "m-2")], attempt=0) == Accepted()
        (request,) = server.received
    assert (request.method, request.path) == ("POST", "/v1/batch")
    assert [message["messageId"] for message in request.messages] == ["m-1", "m-2"]
    assert request.document["writeKey"] == KEY
    assert MESSAGE.encode() in request.body
    assert "X-Retry-Count" not in request.headers
    assert request.headers["Content-Encoding"] == "gzip"


def test_the_attempt_is_told() -> None:
    with ScriptedServer() as server:
        sender(server.url).post([MESSAGE], attempt=7)
        assert server.received[0].headers["X-Retry-Count"] == "7"


@pytest.mark.parametrize("status", [408, 410, 425, 429, 460, 500, 502, 503, 504, 507, 511, 599])
def test_not_now(status: int) -> None:
    verdict = judged(Answer(status=status, body=b"busy"))
    assert isinstance(verdict, Deferred)
    assert str(status) in verdict.reason
    assert verdict.retry_after is None


@pytest.mark.parametrize(
    ("asked", "date", "wait"),
    [
        ("7", None, timedelta(seconds=7)),
        ("1800", None, timedelta(minutes=30)),
        ("0", None, timedelta(0)),
        ("Sun, 01 Mar 2026 12:00:30 GMT", None, timedelta(seconds=30)),
        ("Sun, 01 Mar 2026 12:00:30 GMT", "Sun, 01 Mar 2026 12:00:10 GMT", timedelta(seconds=20)),
        ("Sun, 01 Mar 2026 11:00:00 GMT", None, None),
        ("-5", None, None),
        ("soon", None, None),
        ("\u00b2", None, None),
        ("9" * 5000, None, timedelta(seconds=999_999_999)),
        ("", None, None),
    ],
)
def test_retry_after_in_seconds_and_as_a_date(asked: str, date: str | None, wait: timedelta | None) -> None:
    headers = {"Retry-After": asked} | ({"Date": date} if date else {})
    assert retry_after(headers, now=NOON) == wait


@pytest.mark.parametrize("status", [408, 429, 503])
def test_retry_after_reaches_the_verdict(status: int) -> None:
    verdict = judged(Answer(status=status, headers={"Retry-After": "900"}, body=b'{"code": "x", "message": "y"}'))
    assert isinstance(verdict, Deferred)
    assert verdict.retry_after == timedelta(minutes=15)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_never(status: int) -> None:
    assert isinstance(judged(Answer(status=status, body=b'{"code": "invalid", "message": "no"}')), Refused)


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (401, SEE_KEY),
        (403, SEE_KEY),
        (407, SEE_PROXY),
        *((status, SEE_HOST) for status in (300, 304, 402, 404, 405, 409, 415, 418, 431, 451, 499, 501, 505)),
    ],
)
def test_the_operator_must_act(status: int, hint: str) -> None:
    verdict = judged(Answer(status=status, body=b""))
    assert isinstance(verdict, Misconfigured)
    assert verdict.hint == hint


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with (
        ScriptedServer() as elsewhere,
        ScriptedServer(Answer(status=status, headers={"Location": f"{elsewhere.url}/v1/batch"})) as server,
    ):
        verdict = sender(server.url).post([MESSAGE], attempt=0)
        assert isinstance(verdict, Misconfigured)
        assert "redirect" in verdict.reason
        assert elsewhere.received == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"ok",
        b"<html>login</html>",
        b"[]",
        b"null",
        b"true",
        b"{}",
        b'{"success": false}',
        b'{"success": "true"}',
        b'{"success": 1}',
    ],
)
@pytest.mark.parametrize("status", [200, 202])
def test_success_must_be_said(status: int, body: bytes) -> None:
    verdict = judged(Answer(status=status, body=body))
    assert isinstance(verdict, Misconfigured)
    assert str(status) in verdict.reason


@pytest.mark.parametrize(("method", "history"), [("GET", []), ("POST", [Response()]), ("GET", [Response()])])
def test_success_to_another_request_is_none(method: str, history: list[Response]) -> None:
    """Should the library's session ever follow a redirect again, its 200 is still not believed."""
    answer = Response()
    answer.status_code, answer._content, answer.history = 200, b'{"success": true}', history
    answer.request = PreparedRequest()
    answer.request.method = method
    assert of_success(answer) == redirected()


@pytest.mark.parametrize("status", [200, 201, 202])
def test_success_is_success(status: int) -> None:
    assert judged(Answer(status=status)) == Accepted()


def test_no_content_is_no_success() -> None:
    assert isinstance(judged(Answer(status=204, body=b"")), Misconfigured)


def test_a_deeply_nested_answer_is_no_success() -> None:
    assert isinstance(judged(Answer(body=b"[" * 200_000)), Misconfigured)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(breaks="unread"), "failed or broke off"),
        (Answer(breaks="read"), "failed or broke off"),
        (Answer(breaks="cut"), "cut short"),
        (Answer(breaks="chunk"), "cut short"),
        (Answer(body=b'{"succe'), "cut short"),
        (Answer(body=b"\x00\x01", headers={"Content-Encoding": "gzip"}), "unpacked"),
    ],
)
def test_a_broken_connection_is_not_an_answer(answer: Answer, reason: str) -> None:
    verdict = judged(answer)
    assert isinstance(verdict, Deferred)
    assert reason in verdict.reason


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 429, 500])
def test_neither_key_nor_content_is_ever_repeated(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = json.dumps({"code": KEY, "message": MESSAGE, "Location": KEY}).encode()
    with ScriptedServer(Answer(status=status, body=echo, headers={"Location": f"http://{KEY}.invalid/"})) as server:
        outlet = sender(server.url)
        verdict = outlet.post([MESSAGE], attempt=0)
    told = f"{verdict!r} {outlet!r} {caplog.text}"
    assert "canary" not in told
    assert base64.b64encode(f"{KEY}:".encode()).decode() not in told


def test_the_probe_sends_no_event_and_reads_the_clock() -> None:
    with ScriptedServer() as server:
        probe = sender(server.url).probe()
        assert server.received[0].messages == []
    assert probe.verdict == Accepted()
    # The server dates its answer with the real clock, the sender lives on the first of March 2026.
    real = NOON - datetime.now(UTC)
    assert probe.ahead is not None
    assert abs(probe.ahead - real) < timedelta(seconds=30)


def test_the_probe_has_reached_a_server_that_wants_no_empty_batch() -> None:
    with ScriptedServer(Answer(status=400)) as server:
        assert sender(server.url).probe().verdict == Accepted()


def test_the_probe_reads_the_clock_of_a_refusal_too() -> None:
    with ScriptedServer(Answer(status=401)) as server:
        probe = sender(server.url).probe()
    assert isinstance(probe.verdict, Misconfigured)
    assert probe.ahead is not None


def test_the_probe_without_an_answer_knows_no_clock() -> None:
    with ScriptedServer(Answer(breaks="read")) as server:
        probe = sender(server.url).probe()
    assert isinstance(probe.verdict, Deferred)
    assert probe.ahead is None


def test_the_library_still_has_what_the_sender_stands_on() -> None:
    parameters = signature(library.post).parameters
    assert list(parameters) == [
        "write_key",
        "host",
        "gzip",
        "timeout",
        "proxies",
        "oauth_manager",
        "retry_count",
        "kwargs",
    ]
    assert parameters["kwargs"].kind is Parameter.VAR_KEYWORD
    answer = Response()
    error = library.APIError(429, "rate", "slow down", answer)
    assert (error.status, error.code, error.response) == (429, "rate", answer)
    assert library._session.max_redirects == 0


def test_the_library_still_cuts_retry_after_which_is_why_the_sender_reads_it_itself() -> None:
    answer = Response()
    answer.headers["Retry-After"] = "1800"
    assert library.parse_retry_after(answer) == 300
    assert retry_after(answer.headers, now=NOON) == timedelta(minutes=30)
