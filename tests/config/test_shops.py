"""Settings of single shops: how they are written, where from, what they mean, and what they refuse."""

import os
from pathlib import Path

import pytest

from poller.assembly import make_composer, make_policy, make_senders
from poller.config import Settings, load_settings
from poller.core.identity import namespace_for
from poller.core.shops import ShopSet
from poller.errors import ConfigurationError

WHOLE = """
shop: {url: "mysql+pymysql://poller@127.0.0.1:3306/prestashop"}
segment: {write_key: usual-key, sent_from: shops, event_category: ecommerce}
user_id: {prefix: "a-"}
"""


@pytest.fixture(autouse=True)
def clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.startswith("POLLER_") or name == "CREDENTIALS_DIRECTORY":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def load(shops: str = "", *, mode: int = 0o600) -> Settings:
    file = Path("config.yaml")
    file.write_text(WHOLE + shops)
    file.chmod(mode)
    return load_settings(None)


def told(settings: Settings) -> ShopSet:
    return make_policy(settings, namespace_for("test")).shops


def sources(settings: Settings) -> dict[str, tuple[ShopSet, str]]:
    return {source.name: (source.shops, sender.host) for source, sender in make_senders(settings).items()}


def test_all_shops_are_told_to_one_source_unless_something_else_is_said() -> None:
    settings = load()
    assert told(settings) == ShopSet()
    assert sources(settings) == {"default": (ShopSet(), "https://api.segment.io")}


@pytest.mark.parametrize(
    ("shops", "expected"),
    [
        ("shops: {2: {enabled: false}}", ShopSet(but=frozenset({2}))),
        ("shops: {1: {sent_from: x}, others: {enabled: false}}", ShopSet(only=frozenset({1}))),
        ("shops: {1: {}, 2: {enabled: false}, others: {enabled: false}}", ShopSet(only=frozenset({1}))),
        ("shops: [1, 3]", ShopSet(only=frozenset({1, 3}))),
        ("shops: {others: {enabled: true}}", ShopSet()),
    ],
)
def test_all_or_some_are_selected(shops: str, expected: ShopSet) -> None:
    assert told(load(shops)) == expected


def test_a_list_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLLER_SHOPS", "1,3")
    assert told(load()) == ShopSet(only=frozenset({1, 3}))


def test_shops_with_the_same_key_and_host_share_a_source() -> None:
    eu = "https://events.eu1.segmentapis.com"
    shops = f"shops: {{2: {{write_key: k2}}, 3: {{write_key: k2}}, 4: {{host: '{eu}'}}, 5: {{write_key: usual-key}}}}"
    assert sources(load(shops)) == {
        "default": (ShopSet(but=frozenset({2, 3, 4})), "https://api.segment.io"),
        "shop 2": (ShopSet(only=frozenset({2, 3})), "https://api.segment.io"),
        "shop 4": (ShopSet(only=frozenset({4})), eu),
    }


def test_a_write_key_of_a_shop_comes_from_everywhere_and_is_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "shops.2.write_key").write_text("from-credential\n")
    (credentials / "shops.3.write_key").write_text("third\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    shops = "shops: {2: {sent_from: outlet, write_key: from-file}}"
    assert set(load(shops).secrets()) == {"usual-key", "from-credential", "third"}
    monkeypatch.setenv("POLLER_SHOPS__2__WRITE_KEY", "from-environment")
    settings = load(shops)
    assert set(settings.secrets()) == {"usual-key", "from-environment", "third"}
    assert settings.shop_choices()[2].sent_from == "outlet"
    assert "from-environment" not in repr(settings) + str(settings.model_dump())


def test_a_file_with_a_shops_key_must_not_be_readable_by_everybody() -> None:
    Path("config.yaml").write_text("")
    file = Path("config.yaml")
    file.write_text("shop: {path: .}\nshops: {2: {write_key: k}}")
    file.chmod(0o644)
    with pytest.raises(ConfigurationError, match="everybody on this host may read it"):
        load_settings(None)


def test_a_shop_may_have_a_language_of_its_own() -> None:
    assert load("shops: {2: {language: FR}, 3: {language: auto}, 4: {sent_from: x}}").shop_languages() == {2: "fr"}


def test_what_a_shop_has_not_it_has_as_all() -> None:
    settings = load("shops: {2: {sent_from: outlet, user_id_prefix: 'o-'}, 3: {event_category: b2b}}")
    policy = make_policy(settings, namespace_for("test"))
    assert [policy.user_id.prefix_of(shop) for shop in (1, 2, 3)] == ["a-", "o-", "a-"]
    wire = make_composer(settings, namespace_for("test"))._wire
    labels = [wire.labels_of(shop) for shop in (1, 2, 3)]
    assert [(label.sent_from, label.event_category) for label in labels] == [
        ("shops", "ecommerce"),
        ("outlet", "ecommerce"),
        ("shops", "b2b"),
    ]


@pytest.mark.parametrize(
    ("shops", "message"),
    [
        ("shops: {outlet: {enabled: false}}", "names a shop by something else than its id (`outlet`)"),
        ("shops: {0: {enabled: false}}", "names a shop by something else than its id (`0`)"),
        ("shops: {2: {wriet_key: canary}}", "unknown setting `shops.2.wriet_key`; did you mean `shops.2.write_key`?"),
        ("shops: {2: {write_key: 'canary x'}}", "`shops.2.write_key` is not a write key"),
        ("shops: {2: {host: 'ftp://canary'}}", "`shops.2.host` is not an address"),
        ("shops: {others: {write_key: canary}}", "says more than `enabled` of `others`"),
        ("shops: 7.5", "`shops` must be a mapping"),
        ("shops: [a]", "names a shop by something else than its id (`a`)"),
    ],
)
def test_what_is_wrong_is_named_and_no_value_repeated(shops: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(shops)
    assert message in caught.value.message
    assert "canary" not in str(caught.value)


def test_a_wrong_variable_is_named_as_it_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLLER_SHOPS__2__WRITEKEY", "canary")
    with pytest.raises(ConfigurationError) as caught:
        load()
    assert "POLLER_SHOPS__2__WRITEKEY" in caught.value.message
    assert "did you mean `POLLER_SHOPS__2__WRITE_KEY`?" in caught.value.message
    monkeypatch.delenv("POLLER_SHOPS__2__WRITEKEY")
    monkeypatch.setenv("POLLER_SHOPS", "[1]")
    monkeypatch.setenv("POLLER_SHOPS__2__SENT_FROM", "x")
    with pytest.raises(ConfigurationError, match="given in one place"):
        load()
