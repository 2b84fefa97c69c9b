"""That a killed backfill is compared with an undisturbed one, and every kind of difference is named."""

import pytest

from benchmarks import killed


def test_a_backfill_that_is_killed_again_and_again_tells_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert killed.main(["--orders", "600", "--kills", "3", "--seed", "7"]) == 0
    said = capsys.readouterr().out
    assert said.count("killed: killed at") == 3
    assert "No difference" in said


def test_what_a_killed_backfill_told_otherwise_is_named() -> None:
    one, two, three = b"1" * 16, b"2" * 16, b"3" * 16
    whole = told({one: b"a", two: b"b"})
    assert list(killed.differences(whole, told({one: b"a", two: b"b"}), 1)) == []
    assert list(killed.differences(whole, told({one: b"x", three: b"c"}), 1)) == [
        f"1 missing, such as {two.hex()}",
        f"1 told only when killed, such as {three.hex()}",
        f"1 with another body, such as {one.hex()}",
    ]
    assert list(killed.differences(whole, whole, 2)) == ["undisturbed: only 2 messages of 2 orders"]
    (again,) = killed.differences(whole, told(whole.bodies, changed_bodies=1), 1)
    assert again.startswith("1 came again with another body")


def told(bodies: dict[bytes, bytes], *, changed_bodies: int = 0) -> killed.Told:
    return killed.Told(bodies, 0, changed_bodies, (), 0, 1.0, 1.0, 1)
