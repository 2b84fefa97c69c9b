"""What is claimed about speed, runnable: `python -m benchmarks`. Nothing here is part of the poller."""
