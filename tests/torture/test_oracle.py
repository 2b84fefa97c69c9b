"""The oracle finds nothing wrong with what is right, and names whatever is not."""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from poller.demo import accounts, buying, carting, looking, office, refunding, talking, visits
from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from poller.demo.shop import LivingShop
from tests.acceptance.stage import staged
from tests.torture.journal import arrival_lines, deed_lines, write
from tests.torture.oracle import judge, main, read, report

Lines: TypeAlias = list[dict[str, Any]]


@pytest.fixture(scope="module")
def files(server: PrivateMariaDB, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A real run: a shop that did a bit of everything, the installed poller, and what arrived."""
    directory = tmp_path_factory.mktemp("oracle")
    with staged(directory, server, Receiver(), settle="1s", events={"Order Updated": {"enabled": True}}) as stage:
        shop = LivingShop(lambda: server.connect(stage.database), seed=5, pace=0)
        assert shop.do(*[buying.buy] * 4, office.pay, buying.buy_split, refunding.refund_unit, office.cancel_unpaid)
        assert shop.do(buying.buy_as_guest, buying.buy_for_nothing, office.refund_by_state, accounts.edit_account)
        assert shop.do(visits.register, talking.ask, talking.search, talking.subscribe, looking.look_around)
        assert shop.do(carting.browse, visits.log_in, talking.unsubscribe)
        stage.catch_up()
        return (
            write(directory / "workload.jsonl", deed_lines(shop.deeds)),
            write(directory / "arrivals.jsonl", arrival_lines(stage.receiver.arrivals)),
        )


@pytest.fixture
def workload(files: tuple[Path, Path]) -> Lines:
    return read(files[0])


@pytest.fixture
def arrivals(files: tuple[Path, Path]) -> Lines:
    return read(files[1])


def tracks(lines: Lines, name: str) -> Lines:
    return [line for line in lines if line["message"].get("event") == name]


def test_what_is_right_makes_no_difference(workload: Lines, arrivals: Lines) -> None:
    found = judge(workload, arrivals)
    assert list(found.differences) == []
    assert found.arrived["Order Completed"] >= 7
    assert {"Order Cancelled", "Order Refunded", "identify"} <= set(found.arrived)
    assert {"Email Sent", "Email Replied", "Signed Up", "Products Searched", "page"} <= set(found.arrived)
    again = deepcopy(arrivals[0])
    again["at"] = arrivals[-1]["at"]
    again["message"]["sentAt"] = "2030-01-01T00:00:00Z"
    assert list(judge(workload, [*arrivals, again]).differences) == [], "sent again as it was is no second fact"


def lose(lines: Lines) -> None:
    lines.remove(tracks(lines, "Order Cancelled")[0])


def lose_an_identify(lines: Lines) -> None:
    order = tracks(lines, "Order Refunded")[0]["message"]
    lines.remove(
        next(
            line
            for line in lines
            if line["message"]["type"] == "identify"
            and line["message"]["timestamp"] == order["timestamp"]
            and line["message"].get("anonymousId") == order["anonymousId"]
        )
    )


def lose_a_person(lines: Lines) -> None:
    """The latest state of one customer, in every call that says it."""
    latest = [line for line in lines if line["message"]["type"] == "identify"][-1]["message"]
    same = [line for line in lines if line["message"].get("traits", {}).get("email") == latest["traits"]["email"]]
    for line in same:
        lines.remove(line)


def tell_under_another_id(lines: Lines) -> None:
    double = deepcopy(tracks(lines, "Order Completed")[0])
    double["message"]["messageId"] = "another"
    lines.append(double)


def tell_again_a_second_later(lines: Lines) -> None:
    double = deepcopy(tracks(lines, "Order Refunded")[0])
    double["message"] |= {"messageId": "another", "timestamp": "2030-01-01T00:00:00+00:00"}
    lines.append(double)


def tell_with_another_body(lines: Lines) -> None:
    double = deepcopy(tracks(lines, "Order Completed")[0])
    double["message"]["properties"]["payment_method"] = "Gold"
    lines.append(double)


def change_a_cent(lines: Lines) -> None:
    told = tracks(lines, "Order Completed")[0]["message"]["properties"]
    told["total"] = round(told["total"] + 0.01, 2)
    told["tax"] = round(told["tax"] + 0.01, 2)


def change_the_time(lines: Lines) -> None:
    tracks(lines, "Order Completed")[0]["message"]["timestamp"] = "2030-01-01T00:00:00+00:00"


def change_a_name(lines: Lines) -> None:
    next(line for line in lines if line["message"]["type"] == "identify")["message"]["traits"]["lastName"] = "Nobody"


def drop_a_line(lines: Lines) -> None:
    products = max((line["message"]["properties"]["products"] for line in tracks(lines, "Order Completed")), key=len)
    assert len(products) > 1
    products.pop()


def flag_it(lines: Lines) -> None:
    tracks(lines, "Order Completed")[0]["message"]["properties"]["unsettled"] = True


def change_revenue(lines: Lines) -> None:
    tracks(lines, "Order Completed")[0]["message"]["properties"]["revenue"] += 1


def invent_an_order(lines: Lines) -> None:
    other = deepcopy(tracks(lines, "Order Cancelled")[0])
    other["message"]["messageId"] = "another"
    other["message"]["properties"]["order_id"] = "999"
    lines.append(other)


def invent_a_person(lines: Lines) -> None:
    other = deepcopy(next(line for line in lines if line["message"]["type"] == "identify"))
    other["message"] |= {"messageId": "another", "userId": "999"}
    lines.append(other)


def lose_an_email(lines: Lines) -> None:
    lines.remove(tracks(lines, "Email Sent")[-1])


def tell_a_search_twice(lines: Lines) -> None:
    double = deepcopy(tracks(lines, "Products Searched")[0])
    double["message"]["messageId"] = "another"
    lines.append(double)


def send_a_letter_too_many(lines: Lines) -> None:
    other = deepcopy(tracks(lines, "Email Sent")[0])
    other["message"]["messageId"] = "another"
    other["message"]["properties"]["email_template"] = "never_sent"
    lines.append(other)


def view_a_page_tomorrow(lines: Lines) -> None:
    next(line for line in lines if line["message"]["type"] == "page")["message"]["timestamp"] = (
        "2030-01-01T00:00:00+00:00"
    )


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lose, "missing"),
        (lose_an_identify, "missing"),
        (lose_a_person, "missing"),
        (tell_under_another_id, "two ids"),
        (tell_under_another_id, "told twice"),
        (tell_again_a_second_later, "told twice"),
        (tell_with_another_body, "two bodies"),
        (change_a_cent, "wrong amount"),
        (change_the_time, "wrong time"),
        (change_a_name, "wrong traits"),
        (drop_a_line, "half"),
        (flag_it, "half"),
        (change_revenue, "wrong amount"),
        (invent_an_order, "invented"),
        (invent_a_person, "invented"),
        (lose_an_email, "missing"),
        (tell_a_search_twice, "told twice"),
        (send_a_letter_too_many, "invented"),
        (view_a_page_tomorrow, "wrong time"),
    ],
)
def test_what_is_wrong_is_named(workload: Lines, arrivals: Lines, spoil: Callable[[Lines], None], kind: str) -> None:
    spoil(arrivals)
    found = judge(workload, arrivals)
    assert kind in {difference.kind for difference in found.differences}
    assert f"{kind}: " in report(found)


def test_every_single_message_of_an_order_is_missed(workload: Lines, arrivals: Lines) -> None:
    """Whichever is lost, it is noticed: no fact hides behind another."""
    orders = [line for line in arrivals if line["message"].get("event", "").startswith("Order ")]
    for line in orders:
        rest = [other for other in arrivals if other is not line]
        found = judge(workload, rest)
        assert any(
            one.kind == "missing" and line["message"]["properties"]["order_id"] in one.what.split()
            for one in found.differences
        )


def test_an_email_to_an_address_given_up_is_nobodys(workload: Lines, arrivals: Lines) -> None:
    """Before it was changed it may have been read, or not; who keeps an address is told of every e-mail."""
    letters = tracks(arrivals, "Email Sent")
    moved = next(deed for deed in workload if deed["act"] == "edited the account")
    theirs = [line for line in letters if line["message"]["userId"] == str(moved["customer_id"])]
    for line in letters:
        found = judge(workload, [other for other in arrivals if other is not line])
        kinds = {difference.kind for difference in found.differences}
        assert kinds == (set() if line in theirs else {"missing"})


def test_an_email_after_the_change_stands_for_itself(workload: Lines, arrivals: Lines) -> None:
    """One to the address given up looks like those to the new one soon after: only the latter must be."""
    moved = next(deed for deed in workload if deed["act"] == "edited the account")
    lost = next(d for d in workload if d["kind"] == "Email Sent" and d["customer_id"] == moved["customer_id"])
    lost["at"] = moved["at"]
    letters = []
    for seconds in (1.5, 3):
        at = (datetime.fromisoformat(moved["at"]) + timedelta(seconds=seconds)).isoformat()
        workload.append(lost | {"at": at})
        letters.append(letter := deepcopy(tracks(arrivals, "Email Sent")[0]))
        letter["message"] |= {"messageId": f"after {seconds} s", "timestamp": at, "userId": str(moved["customer_id"])}
        letter["message"]["properties"]["email_template"] = lost["detail"]
    assert [one.kind for one in judge(workload, arrivals).differences] == ["missing"]
    assert list(judge(workload, [*arrivals, *letters]).differences) == []


def test_by_hand_it_prints_the_first_differences(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(path) for path in files]) == 0
    assert "no difference" in capsys.readouterr().out
    lines = read(files[1])
    lost = tracks(lines, "Order Cancelled")[0]
    lines.remove(lost)
    assert main([str(files[0]), str(write(tmp_path / "arrivals.jsonl", lines))]) == 1
    order = lost["message"]["properties"]["order_id"]
    assert f"missing: order {order} cancelled: " in capsys.readouterr().out


def test_it_shares_nothing_with_the_poller() -> None:
    for name in ("beside", "oracle", "people", "verdicts"):
        text = (Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8")
        imports = [line for line in text.splitlines() if line.startswith(("from ", "import "))]
        assert [line for line in imports if "poller" in line] == []
