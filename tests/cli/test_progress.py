"""How far a long command is, in words."""

from poller.cli.progress import Lines, Outlook
from poller.engine.backfill import Progress


class Watch:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_outlook_counts_what_was_delivered_since_it_began_there() -> None:
    watch = Watch()
    outlook = Outlook(watch)
    outlook.update(Progress(1_000, 3_000, 0))
    assert (outlook.per_second, outlook.seconds_left) == (0, None)
    watch.now += 10
    outlook.update(Progress(1_500, 3_000, 1_000, waiting=500))
    assert outlook.per_second == 50
    assert outlook.seconds_left == (4_000 - 500) / 50
    watch.now += 70
    outlook.update(Progress(3_000, 3_000, 4_000))
    assert (outlook.per_second, outlook.seconds_left) == (50, 0)


def test_lines_come_every_few_seconds() -> None:
    from structlog.testing import capture_logs

    watch = Watch()
    lines = Lines(watch)
    with capture_logs() as logged:
        for second in range(12):
            watch.now = 100.0 + second
            lines.show(Progress(second, 12, second, pause="busy" if second in {3, 4} else ""))
    assert [line["event"] for line in logged] == [
        "backfill.paused",
        "backfill.resumed",
        "backfill.progressed",
        "backfill.progressed",
    ]
    assert logged[2] == {
        "event": "backfill.progressed",
        "log_level": "info",
        "done_rows": 5,
        "total_rows": 12,
        "events": 5,
        "waiting": 0,
        "refused": 0,
        "per_second": 1.0,
        "seconds_left": 7,
    }
