"""Settings: what they refuse, how they say so, and what they never say."""

import os
from pathlib import Path

import pytest

from poller.config import Settings, load_settings
from poller.config.sources import read_file
from poller.errors import ConfigurationError

WHOLE = """
shop: {url: "mysql+pymysql://poller@127.0.0.1:3306/prestashop", password: from-file}
segment: {write_key: key-from-file}
"""


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


def refusal(text: str = WHOLE, *, mode: int = 0o600) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        load(text, mode=mode)
    assert caught.value.exit_code == 78
    return caught.value


# ---------------------------------------------------------------- what is refused, and how

WRONG = [
    (WHOLE + "settel: 3s", "config.yaml: unknown setting `settel`; did you mean `settle`?", ""),
    (
        WHOLE.replace("write_key", "wirte_key"),
        "config.yaml: unknown setting `segment.wirte_key`; did you mean `segment.write_key`?",
        "",
    ),
    (WHOLE + "write_key: k", "config.yaml: unknown setting `write_key`; did you mean `segment.write_key`?", ""),
    (WHOLE + "schedul: {poll: 1s}", "config.yaml: unknown setting `schedul`; did you mean `schedule`?", ""),
    (
        WHOLE + "_env_file: x",
        "config.yaml: unknown setting `_env_file`.",
        "Remove it; the commented config.yaml lists every setting.",
    ),
    (
        WHOLE + "events: {Order Completed: {enalbed: no}}",
        "config.yaml: unknown setting `events.Order Completed.enalbed`; did you mean `events.Order Completed.enabled`?",
        "",
    ),
    (
        "segment: {write_key: k}",
        "shop.url is missing: the poller does not know the shop's database.",
        "Set it to mysql+pymysql://poller@127.0.0.1:3306/prestashop, or shop.path to the PrestaShop directory.",
    ),
    (
        "shop: {url: 'mysql://poller@h/db'}\nsegment:\n  write_key:\n",
        "segment.write_key is missing: the poller does not know where events go.",
        "Copy it from Segment (your source, Settings, API Keys) into POLLER_SEGMENT__WRITE_KEY or config.yaml.",
    ),
    (
        WHOLE.replace("password: from-file", "timezone: Europe/Pari"),
        "config.yaml: `shop.timezone` is not a known time zone (did you mean Europe/Paris?).",
        "Write auto, or a name like Europe/Paris.",
    ),
    (
        WHOLE.replace("mysql+pymysql:", "postgresql:"),
        "config.yaml: `shop.url` must be a MySQL or MariaDB database.",
        "Write it like mysql+pymysql://poller@127.0.0.1:3306/prestashop.",
    ),
    (
        WHOLE.replace("/prestashop", ""),
        "config.yaml: `shop.url` names no database.",
        "Write it like mysql+pymysql://poller@127.0.0.1:3306/prestashop.",
    ),
    (
        WHOLE.replace(":3306", ":port"),
        "config.yaml: `shop.url` is not a database URL.",
        "Write it like mysql+pymysql://poller@127.0.0.1:3306/prestashop.",
    ),
    (
        WHOLE.replace("from-file", "0123"),
        "config.yaml: `shop.password` must be text.",
        "Put it in quotes.",
    ),
    (
        WHOLE.replace("key-from-file", "two words"),
        "config.yaml: `segment.write_key` is not a write key.",
        "Copy it from Segment, Sources, your source, Settings, API Keys.",
    ),
    (
        WHOLE.replace("from-file}\nseg", "x, prefix: 'ps`'}\nseg"),
        "config.yaml: `shop.prefix` may hold only letters, digits and underscores.",
        "Write it like ps_.",
    ),
    (
        WHOLE.replace("key-from-file", "k, host: api.segment.io"),
        "config.yaml: `segment.host` is not an address.",
        "Write https://api.segment.io, or https://events.eu1.segmentapis.com for a workspace in the EU.",
    ),
    (
        WHOLE.replace("key-from-file", "k, host: 'https://api.segment.io/v1'"),
        "config.yaml: `segment.host` must not end in /v1, which is added.",
        "Write https://api.segment.io, or https://events.eu1.segmentapis.com for a workspace in the EU.",
    ),
    (
        WHOLE + "state: {url: 'mysql://u@h/d'}",
        "config.yaml: `state.url` is not an SQLite URL.",
        "Write it like sqlite:////var/lib/poller/state.db (four slashes).",
    ),
    (
        WHOLE + "schedule: {poll: 0}",
        "config.yaml: `schedule.poll` must be longer than 0.",
        "Write 500ms, 2s, 10m or 24h.",
    ),
    (WHOLE + "schedule: 2s", "config.yaml: `schedule` must be a section.", "Its settings stand below it, indented."),
    (WHOLE + "settle: soon", "config.yaml: `settle` is not a duration.", "Write 500ms, 2s, 10m or 24h."),
    (
        WHOLE + "start_from: yesterday",
        "config.yaml: `start_from` is not a start.",
        "Write now, beginning, or a date like 2024-03-01.",
    ),
    (WHOLE + "page_size: many", "config.yaml: `page_size` must be a whole number.", ""),
    (WHOLE + "page_size: 0", "config.yaml: `page_size` must be at least 1.", ""),
    (WHOLE + "order_completed_when: sent", "config.yaml: `order_completed_when` must be placed or paid.", ""),
    (
        WHOLE + "user_id: {from: custom, table: ps_crm}",
        "config.yaml: `user_id` takes the id from a column of yours.",
        "Give table, column and customer_column beside `from`.",
    ),
    (
        WHOLE + "events: {Order Complete: {enabled: no}}",
        "config.yaml: `events` names an event that does not exist (`Order Complete`).",
        None,
    ),
    (
        WHOLE + "internal_customers: [a@example.com, everybody]",
        "config.yaml: `internal_customers` holds neither an e-mail address nor a customer id at position 2.",
        "",
    ),
    (WHOLE + "namespace: mine", "config.yaml: `namespace` must be a UUID, like the one `poller status` shows.", ""),
    (
        WHOLE + "settle: [\n",
        "config.yaml is not valid YAML in line 5, column 1.",
        "Check indentation there, and put values with signs in quotes.",
    ),
    (
        WHOLE + "settle: 1s\nsettle: 2s",
        "config.yaml: `settle` is given a second time in line 5.",
        "Keep one of the two.",
    ),
    ("- shop", "config.yaml is not a mapping of settings.", "Write lines like `settle: 15s`."),
]


@pytest.mark.parametrize(("text", "message", "hint"), WRONG, ids=[message for _, message, _ in WRONG])
def test_each_mistake_is_one_sentence_with_its_remedy(text: str, message: str, hint: str | None) -> None:
    error = refusal(text)
    assert error.message == message
    assert hint is None or error.hint == hint


def test_several_mistakes_are_told_together() -> None:
    error = refusal(f"{WHOLE}settle: soon\nschedule: {{poll: 0}}\n")
    assert error.message.splitlines() == [
        "config.yaml: `schedule.poll` must be longer than 0. Write 500ms, 2s, 10m or 24h.",
        "config.yaml: `settle` is not a duration. Write 500ms, 2s, 10m or 24h.",
    ]
    assert error.hint == "Then run `poller check`."


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        (
            "POLLER_SEGMENT__WIRTE_KEY",
            "k",
            "environment: unknown setting `POLLER_SEGMENT__WIRTE_KEY`; did you mean `POLLER_SEGMENT__WRITE_KEY`?",
        ),
        (
            "POLLER_SHOP_PASSWORD",
            "k",
            "environment: unknown setting `POLLER_SHOP_PASSWORD`; did you mean `POLLER_SHOP__PASSWORD`?",
        ),
        ("POLLER_SHOP", "{}", "environment: `POLLER_SHOP` is a section."),
        (
            "POLLER_SEGMENT__INTEGRATIONS__ALL",
            "true",
            "environment: `POLLER_SEGMENT__INTEGRATIONS__ALL` is part of `segment.integrations`, which has free names.",
        ),
        ("POLLER_SETTLE", "soon", "environment: `POLLER_SETTLE` is not a duration."),
        ("POLLER_SHOP__TIMEZONE", "Mars/Olympus", "environment: `POLLER_SHOP__TIMEZONE` is not a known time zone."),
    ],
)
def test_mistakes_in_the_environment_name_the_variable(
    variable: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert refusal().message == message


def test_mistakes_in_credentials_name_the_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "c").mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "c"))
    (tmp_path / "c" / "segment.wirte_key").write_text("k")
    assert refusal().message == "credentials: unknown setting `segment.wirte_key`; did you mean `segment.write_key`?"


# ---------------------------------------------------------------- secrets


@pytest.mark.parametrize(
    "text",
    [
        "shop: {password: secret}",
        "segment: {write_key: key}",
        "shop: {url: 'mysql://poller:secret@127.0.0.1/shop'}",
    ],
)
def test_a_file_that_everybody_may_read_must_hold_no_secret(text: str) -> None:
    error = refusal(text, mode=0o644)
    assert error.message == "config.yaml holds a secret, and everybody on this host may read it."
    assert error.hint.startswith("Run: chmod 600 config.yaml")
    Path("config.yaml").chmod(0o640)
    assert read_file(Path("config.yaml")).tree


def test_a_file_without_secrets_may_be_read_by_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLLER_SHOP__PASSWORD", "secret")
    monkeypatch.setenv("POLLER_SEGMENT__WRITE_KEY", "key")
    settings = load("shop: {url: 'mysql://poller@127.0.0.1/shop'}", mode=0o644)
    assert settings.shop.sqlalchemy_url().password == "secret"


CANARY = "c4n4ry-s3cret"
LEAKS = [
    (f"shop: {{url: 'mysql://poller:{CANARY}@h:port/db'}}", {}),
    (f"shop: {{url: 'postgresql://poller:{CANARY}@h/db'}}\nsegment: {{write_key: k}}", {}),
    (f"shop: {{url: '{CANARY}'}}", {}),
    (f"shop: {{password: [{CANARY}]}}", {}),
    (f"shop: {CANARY}", {}),
    (f"shop:\n  password: *{CANARY}\n", {}),
    (f"shop:\n  password: !{CANARY} x\n", {}),
    (f"shop:\n  password: &{CANARY}\n  password: x\n", {}),
    (f"shop: {{password: '{CANARY}\n", {}),
    (f"shop: {{pasword: {CANARY}}}", {}),
    (f"segment: {{write_key: '{CANARY} {CANARY}'}}", {}),
    (f"segment: {{host: 'https://u:{CANARY}@api.segment.io'}}", {}),
    (f"state: {{url: 'mysql://u:{CANARY}@h/d'}}", {}),
    ("", {"POLLER_SHOP__URL": f"mysql://poller:{CANARY}@h:port/db"}),
    ("", {"POLLER_SHOP__PASWORD": CANARY}),
    ("", {"POLLER_SEGMENT__WRITE_KEY": f"{CANARY} {CANARY}"}),
    ("", {"POLLER_SEGMENT__INTEGRATIONS": f"{{https: '{CANARY}"}),
    (f"shop: {{password: {CANARY}}}\nsettle: soon", {}),
]


@pytest.mark.parametrize(("text", "environment"), LEAKS)
def test_no_refusal_repeats_a_secret(text: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    error = refusal(text)
    assert CANARY not in f"{error!r} {error} {error.message} {error.hint}"
    assert error.__cause__ is None, "a cause would be printed with the traceback"
    assert error.__suppress_context__ or error.__context__ is None


def test_settings_never_print_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLLER_SHOP__URL", f"mysql://poller:url-{CANARY}@127.0.0.1/shop")
    monkeypatch.setenv("POLLER_SEGMENT__WRITE_KEY", CANARY)
    monkeypatch.setenv("POLLER_SHOP__PASSWORD", f"own-{CANARY}")
    settings = load_settings(None)
    assert CANARY not in f"{settings!r} {settings} {settings.model_dump()} {settings.shop.sqlalchemy_url()}"
    assert settings.shop.sqlalchemy_url().password == f"own-{CANARY}"
    assert settings.secrets() == (CANARY, f"own-{CANARY}")
    monkeypatch.delenv("POLLER_SHOP__PASSWORD")
    settings = load_settings(None)
    assert CANARY not in f"{settings.shop!r} {settings.shop.model_dump()}"
    assert settings.shop.sqlalchemy_url().password == f"url-{CANARY}"
