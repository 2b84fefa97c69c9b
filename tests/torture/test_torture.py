"""A short torture, so that every change meets it; the long one is `make torture`."""

import time

import pytest

from tests.torture.__main__ import main


@pytest.mark.timeout(600)
def test_a_short_torture_finds_no_difference(capsys: pytest.CaptureFixture[str]) -> None:
    seed = time.time_ns() % 1_000_000
    chosen = f"--seed {seed} --minutes 0.2 --every 0.5 --pace 0.1 --bulk 40 --quiet 2"
    code = main(chosen.split())
    said = capsys.readouterr().out
    assert code == 0, said
    assert "no difference" in said
    assert "struck {}" not in said
