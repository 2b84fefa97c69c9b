"""Settings: where they come from, what they refuse, and what they never say."""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import BaseModel, SecretStr

from poller.config import Settings, documented_settings, load_settings
from poller.config.sources import SECRETS
from poller.config.values import read_duration, write_duration
from poller.errors import ConfigurationError

WHOLE = """
shop: {url: "mysql+pymysql://poller@127.0.0.1:3306/prestashop", password: from-file}
segment: {write_key: key-from-file}
"""
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.startswith("POLLER_") or name == "CREDENTIALS_DIRECTORY":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def load(text: str = WHOLE, *, mode: int = 0o600) -> Settings:
    file = Path("config.yaml")
    file.write_text(text)
    file.chmod(mode)
    return load_settings(None)


# ---------------------------------------------------------------- where settings come from


def test_defaults_are_those_of_the_design() -> None:
    settings = load()
    assert (settings.shop.prefix, settings.shop.timezone) == ("ps_", "auto")
    assert settings.shop.statement_timeout == timedelta(seconds=2)
    assert (settings.segment.host, settings.segment.rate_limit) == ("https://api.segment.io", 500)
    assert settings.state.url == "sqlite:////var/lib/poller/state.db"
    assert settings.schedule.poll == timedelta(seconds=2)
    assert settings.schedule.deliver == timedelta(seconds=1)
    assert settings.schedule.sweep == timedelta(minutes=10)
    assert settings.schedule.hot_sweep == timedelta(seconds=30)
    assert (settings.start_from, settings.order_completed_when) == ("now", "placed")
    assert (settings.settle, settings.gap_ttl) == (timedelta(seconds=15), timedelta(hours=24))
    assert (settings.user_id.source, settings.traits_in) == ("customer_id", ("identify", "context"))
    assert (settings.spelling, settings.events, settings.namespace) == ("spec", {}, None)


def test_environment_over_credentials_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    assert load().secrets() == ("key-from-file", "from-file")
    (credentials / "shop.password").write_text("from-credential\n")
    (credentials / "segment.write_key").write_text("key-from-credential\n")
    (credentials / "tls.key").write_text("another service's")
    assert load().secrets() == ("key-from-credential", "from-credential")
    monkeypatch.setenv("POLLER_SHOP__PASSWORD", "from-environment")
    assert load().secrets() == ("key-from-credential", "from-environment")


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("POLLER_SHOP__PASSWORD_FILE", "in-a-file"),
        ("POLLER_SEGMENT__WRITE_KEY_FILE", "key-in-a-file"),
        ("POLLER_MONITORING__HEARTBEAT_URL_FILE", "https://switch.example.com/in-a-file"),
        ("POLLER_SHOPS__2__WRITE_KEY_FILE", "second-key"),
    ],
)
def test_a_secret_may_be_in_a_file_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, text: str
) -> None:
    monkeypatch.setenv("POLLER_SHOP__URL", "mysql://poller@127.0.0.1/shop")
    if "SEGMENT" not in variable:
        monkeypatch.setenv("POLLER_SEGMENT__WRITE_KEY", "usual-key")
    (tmp_path / "secret").write_text(f"{text}\n")
    monkeypatch.setenv(variable, str(tmp_path / "secret"))
    assert text in load().secrets()


def test_the_url_with_its_password_may_be_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "url").write_text("mysql://poller:s3cret@db.example.com/shop\n")
    monkeypatch.setenv("POLLER_SHOP__URL_FILE", str(tmp_path / "url"))
    monkeypatch.setenv("POLLER_SEGMENT__WRITE_KEY", "usual-key")
    settings = load("{}")
    assert (settings.shop.url.host, settings.shop.password.get_secret_value()) == ("db.example.com", "s3cret")


@pytest.mark.parametrize(
    ("content", "beside", "message"),
    [
        (None, {}, "the file that `POLLER_SHOP__PASSWORD_FILE` names cannot be read"),
        ("\n", {}, "is empty"),
        (
            "x",
            {"POLLER_SHOP__PASSWORD": "y"},
            "`POLLER_SHOP__PASSWORD` and `POLLER_SHOP__PASSWORD_FILE` are both given",
        ),
    ],
)
def test_a_file_of_a_secret_that_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, beside: dict[str, str], message: str
) -> None:
    if content is not None:
        (tmp_path / "canary-name").write_text(content)
    monkeypatch.setenv("POLLER_SHOP__PASSWORD_FILE", str(tmp_path / "canary-name"))
    for name, value in beside.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=message) as raised:
        load()
    assert raised.value.hint


def test_only_a_secret_may_be_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLLER_SHOP__PREFIX_FILE", str(tmp_path))
    with pytest.raises(ConfigurationError, match="unknown setting `POLLER_SHOP__PREFIX_FILE`"):
        load()


def test_every_secret_may_be_in_a_file() -> None:
    """A setting that is a secret by its type is one that may come so."""
    secret = {name for name, section in Settings.model_fields.items() for name in _secrets(section.annotation, name)}
    assert secret == set(SECRETS) - {"shop.url"}


def _secrets(section: object, name: str) -> list[str]:
    if not isinstance(section, type) or not issubclass(section, BaseModel):
        return []
    fields = section.model_fields.items()
    return [f"{name}.{field}" for field, info in fields if info.annotation is SecretStr]


def test_the_environment_alone_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "POLLER_SHOP__URL": "mysql://poller:in-url@db.example.com/shop",
        "POLLER_SEGMENT__WRITE_KEY": "key",
        "POLLER_SEGMENT__INTEGRATIONS": '{"All": true, "Mixpanel": false}',
        "POLLER_SCHEDULE__POLL": "500ms",
        "POLLER_USER_ID": "email_hash",
        "POLLER_USER_ID__PREFIX": "fr-",
        "POLLER_TRAITS_IN": "identify,properties",
        "POLLER_EVENTS": '{"Order Completed": {"name": "Purchase"}, "Order Refunded": {"enabled": false}}',
        "POLLER_INTERNAL_CUSTOMERS": "Staff@Example.com, 12",
        "POLLER_NAMESPACE": "5d3c0f6e-7c0b-5a55-9b39-0e2f5c1c7a11",
        "POLLER_START_FROM": "2024-03-01",
        "POLLER_PAGE_SIZE": "20",
        "POLLER_LOG__LEVEL": "debug",
        "POLLER_SETTLE": "",
        "POLLER_UNRELATED_TOOL_HOME": "/opt/tool",
    }.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(None)
    assert settings.shop.url.drivername == "mysql+pymysql"
    assert settings.shop.sqlalchemy_url().password == "in-url"
    assert settings.segment.integrations == {"All": True, "Mixpanel": False}
    assert settings.schedule.poll == timedelta(milliseconds=500)
    assert (settings.user_id.source, settings.user_id.prefix) == ("email_hash", "fr-")
    assert settings.traits_in == ("identify", "properties")
    assert settings.events["Order Completed"].name == "Purchase"
    assert not settings.events["Order Refunded"].enabled
    assert settings.internal_customers == ("staff@example.com", "12")
    assert settings.namespace == UUID("5d3c0f6e-7c0b-5a55-9b39-0e2f5c1c7a11")
    assert settings.start_from == datetime(2024, 3, 1)  # noqa: DTZ001 - naive is the shop's wall time
    assert settings.page_size == 20
    assert settings.log.level == "debug"
    assert settings.settle == timedelta(seconds=15)


def test_the_file_asked_for_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("config.yaml").write_text("settle: 1s")
    (named := tmp_path / "named.yaml").write_text("settle: 2s")
    (asked := tmp_path / "asked.yaml").write_text("settle: 3s")
    monkeypatch.setenv("POLLER_SHOP__URL", "mysql://poller@127.0.0.1/shop")
    monkeypatch.setenv("POLLER_SEGMENT__WRITE_KEY", "key")
    assert load_settings(None).settle == timedelta(seconds=1)
    monkeypatch.setenv("POLLER_CONFIG", str(named))
    assert load_settings(None).settle == timedelta(seconds=2)
    assert load_settings(asked).settle == timedelta(seconds=3)


def test_a_file_that_was_named_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match=r"Cannot read the configuration .*absent\.yaml: No such file"):
        load_settings(tmp_path / "absent.yaml")
    monkeypatch.setenv("POLLER_CONFIG", str(tmp_path))
    with pytest.raises(ConfigurationError, match="Is a directory"):
        load_settings(None)


def test_short_and_long_user_id_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(f"{WHOLE}user_id: email_hash").user_id == load(f"{WHOLE}user_id: {{from: email_hash}}").user_id
    monkeypatch.setenv("POLLER_USER_ID__HASH", "md5")
    assert load(f"{WHOLE}user_id: email_hash").user_id.hash == "md5"


def test_a_custom_user_id_is_whole() -> None:
    choice = load(f"{WHOLE}user_id: {{from: custom, table: ps_crm, column: crm_id}}").user_id
    assert (choice.table, choice.column, choice.customer_column) == ("ps_crm", "crm_id", "id_customer")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "now"),
        ("beginning", "beginning"),
        ("2024-03-01", datetime(2024, 3, 1)),  # noqa: DTZ001 - naive is the shop's wall time
        ("2024-03-01 08:30:00", datetime(2024, 3, 1, 8, 30)),  # noqa: DTZ001 - as above
        ("2024-03-01T08:30:00+01:00", datetime(2024, 3, 1, 7, 30, tzinfo=UTC)),
        ("'2024-03-01T08:30:00Z'", datetime(2024, 3, 1, 8, 30, tzinfo=UTC)),
    ],
)
def test_a_start_is_a_word_or_a_moment(text: str, moment: object) -> None:
    assert load(f"{WHOLE}start_from: {text}").start_from == moment


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("500ms", 500), ("2s", 2_000), ("15", 15_000), (3, 3_000), (0.25, 250), ("10m", 600_000), ("24h", 86_400_000),
     ("1.5 h", 5_400_000), ("7D", 604_800_000), ("0", 0)],
)  # fmt: skip
def test_durations(text: object, milliseconds: int) -> None:
    duration = read_duration(text)
    assert duration == timedelta(milliseconds=milliseconds)
    assert read_duration(write_duration(duration)) == duration


@pytest.mark.parametrize("text", ["", "s", "-1s", "1 week", "1h30m", "nan", "inf", True, None, [], "9e9", "99999d"])
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="500ms, 2s, 10m or 24h"):
        read_duration(text)


# ---------------------------------------------------------------- what is documented


def test_every_setting_is_described_once() -> None:
    settings = documented_settings()
    assert all(setting.meaning for setting in settings)
    names = [setting.name for setting in settings]
    assert len(names) == len(set(names))
    assert {"shop.url", "segment.write_key", "user_id.from", "log.level"} <= set(names)


def test_the_repository_s_file_lists_every_setting_with_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (REPOSITORY / "config.yaml").read_text()
    written = []
    section = ""
    for line in text.splitlines():
        if match := re.match(r"( {0,2})([a-z_]+):(.*)", line):
            indent, key, value = match.groups()
            section = section if indent else ("" if value.strip() else f"{key}.")
            written.append(f"{section if indent else ''}{key}")
    sections = {name.partition(".")[0] for name in written if "." in name}
    assert {name for name in written if name not in sections} == {setting.name for setting in documented_settings()}
    monkeypatch.setenv("POLLER_SHOP__URL", "mysql://poller@127.0.0.1/shop")
    monkeypatch.setenv("POLLER_SEGMENT__WRITE_KEY", "key")
    assert load_settings(REPOSITORY / "config.yaml") == load_settings(None)
