"""What the settings say of events, of privacy and of languages, and how a mistake in it is answered."""

import os
import re
from pathlib import Path

import pytest

from poller.config import Settings, load_settings
from poller.config.choices import disabled_events, event_names
from poller.errors import ConfigurationError
from poller.streams.registry import event_types

WHOLE = """
shop: {url: "mysql+pymysql://poller@127.0.0.1:3306/prestashop", password: secret}
segment: {write_key: key}
"""
OFF = {name for name, event in event_types().items() if not event.is_on}


@pytest.fixture(autouse=True)
def clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.startswith("POLLER_") or name == "CREDENTIALS_DIRECTORY":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def load(text: str = "") -> Settings:
    file = Path("config.yaml")
    file.write_text(WHOLE + text)
    file.chmod(0o600)
    return load_settings(None)


def of_group(group: str) -> set[str]:
    return {name for name, event in event_types().items() if event.group == group}


def test_by_default_all_is_sent_but_what_is_off_by_nature() -> None:
    assert disabled_events(load()) == OFF


def test_a_group_is_switched_off_whole() -> None:
    assert disabled_events(load("groups: {order: false}")) == of_group("order") | OFF
    assert disabled_events(load("groups: {customer: false}")) == of_group("customer") | OFF


def test_a_single_switch_has_the_last_word() -> None:
    text = "groups: {order: false}\nevents: {Order Refunded: {enabled: true}, identify: {enabled: false}}"
    assert disabled_events(load(text)) == (of_group("order") - {"Order Refunded"}) | {"identify"} | OFF


def test_a_new_name_is_not_a_switch() -> None:
    settings = load("groups: {order: false}\nevents: {Order Refunded: {name: Money Back}}")
    assert "Order Refunded" in disabled_events(settings)
    assert event_names(settings)["Order Refunded"] == "Money Back"


def test_a_group_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLLER_GROUPS__ORDER", "false")
    assert disabled_events(load()) == of_group("order") | OFF


def test_every_xcommerce_name_is_sent_on_wish() -> None:
    spelt = {event.name: event.xcommerce for event in event_types().values() if event.xcommerce}
    assert spelt["Order Cancelled"] == "Order Canceled"
    assert event_names(load("spelling: xcommerce")) == spelt
    assert event_names(load()) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("groups: {orders: false}", "did you mean `groups.order`"),
        ("groups: {order: maybe}", "`groups.order`"),
        (
            "privacy: {traits: [email, fristName]}",
            r"names a trait that does not exist \(`fristName`\)\. Did you mean firstName\.",
        ),
        ("privacy: {traits: [zzz]}", "Choose from email, firstName"),
        ("privacy: {email: secret}", "`privacy.email` must be plain, hash or none"),
        ("language: english", "`language` is not a language. Write its two letters"),
        ("active: perhaps", "`active`"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load(text)
    said = f"{raised.value.message} {raised.value.hint}"
    assert re.search(message, said), said


@pytest.mark.parametrize(
    ("text", "language"), [("", "auto"), ("language: fr", "fr"), ("language: FR", "fr"), ("language: no", "no")]
)
def test_languages(text: str, language: str) -> None:
    """`no` is Norwegian, and YAML's word for false."""
    assert load(text).language == language


def test_an_allow_list_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLLER_PRIVACY__TRAITS", "email,firstName")
    assert load().privacy.traits == ("email", "firstName")
    monkeypatch.setenv("POLLER_PRIVACY__TRAITS", "all")
    assert load().privacy.traits == "all"
