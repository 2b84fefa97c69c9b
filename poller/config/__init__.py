"""What the operator wants: settings from file, environment and credentials. Nothing that acts on them may live here."""

from poller.config.settings import Settings, documented_settings, known_settings, load_settings

__all__ = ["Settings", "documented_settings", "known_settings", "load_settings"]
