"""What the peers run, each in a process of its own; nothing here knows the poller."""
