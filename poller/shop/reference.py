"""What orders refer to and what seldom changes: shops, currencies, states, languages; read again every minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from poller.core.shops import ShopSet
from poller.errors import ConfigurationError
from poller.shop.addresses import FRIENDLY, LEGACY_IMAGES, RULE, ProductRoute, default_rule, path_beginnings
from poller.shop.session import Session
from poller.shop.values import LocalTime, as_int, as_text
from poller.streams.shops import Currency, OrderState, ShopInfo

CANCELED = ("PS_OS_CANCELED",)
REFUNDED = ("PS_OS_REFUND",)
ERROR = ("PS_OS_ERROR",)
PAGE_VIEWS = "PS_STATSDATA_CUSTOMER_PAGESVIEWS"
NAMES = (
    *CANCELED,
    *REFUNDED,
    *ERROR,
    "PS_TIMEZONE",
    "PS_LANG_DEFAULT",
    "PS_CURRENCY_DEFAULT",
    "PS_SSL_ENABLED",
    "PS_VERSION_DB",
    "PS_INSTALL_VERSION",
    "PSGDPR_ANONYMOUS_CUSTOMER",
    PAGE_VIEWS,
    RULE,
    FRIENDLY,
    LEGACY_IMAGES,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """The installation's shops and what they share; `languages` are those of shops that have one of their own.

    `consent` is the operator's: the categories of consent, and what a customer's answer to each is read from.
    `routes` are those of shops with friendly addresses.
    """

    shops: Mapping[int, ShopInfo]
    time: LocalTime
    lang_id: int
    languages: Mapping[int, int]
    genders: Mapping[int, str]
    house_accounts: frozenset[int]
    version: str
    consent: Mapping[str, str] = field(default_factory=dict)
    routes: Mapping[int, ProductRoute] = field(default_factory=dict)

    def currency(self, currency_id: int) -> Currency | None:
        """A currency; they are the installation's, not a shop's."""
        return next(iter(self.shops.values())).currency(currency_id)

    def in_language_of(self, shop_id: int) -> "Reference":
        """The same, in the language of a shop."""
        return replace(self, lang_id=self.languages.get(shop_id, self.lang_id))

    def by_database(self, local: object, in_utc: object, now: datetime) -> datetime | None:
        """A date that PrestaShop has the database write by NOW(): `local` as it stands, `in_utc` by the server's zone.

        From 9.2 on PrestaShop's sessions have the shop's own zone, so NOW() is its local time too.
        """
        if self.is_at_least(9, 2):
            return self.time.utc(local, now)
        return LocalTime(ZoneInfo("UTC")).utc(in_utc, now)

    def by_timestamp(self, local: object, in_utc: object, now: datetime) -> datetime | None:
        """A TIMESTAMP that PHP wrote as local time: `local` as the writing session reads it, `in_utc` as it is kept."""
        if self.is_at_least(9, 2):
            return LocalTime(ZoneInfo("UTC")).utc(in_utc, now)
        return self.time.utc(local, now)

    def shop(self, shop_id: int) -> ShopInfo:
        """A shop; rows of a deleted one are told in the name of the first."""
        return self.shops.get(shop_id) or next(iter(self.shops.values()))

    def is_at_least(self, *version: int) -> bool:
        """Whether this PrestaShop is of that version (9, 2) or later; no, if it does not say."""
        parts = self.version.split(".")[: len(version)]
        return all(part.isdigit() for part in parts) and tuple(map(int, parts)) >= version


class Configuration:
    """PrestaShop's own settings: a value of the shop, else of its group, else of all."""

    def __init__(self, rows: Sequence[Row[Any]]) -> None:
        self._rows = rows

    def value(self, name: str, *, shop_id: int = 0, group_id: int = 0) -> str:
        """The value that holds for a shop; empty where there is none."""
        best, best_rank = "", -1
        for row in self._rows:
            if row.name != name:
                continue
            rank = _rank(row, shop_id, group_id)
            if rank > best_rank:
                best, best_rank = as_text(row.value), rank
        return best

    def number(self, name: str, *, shop_id: int = 0, group_id: int = 0) -> int:
        """As value, 0 where it is no number."""
        text = self.value(name, shop_id=shop_id, group_id=group_id)
        return int(text) if text.isdigit() else 0


def _rank(row: Row[Any], shop_id: int, group_id: int) -> int:
    if row.id_shop is not None:
        return 2 if row.id_shop == shop_id else -1
    if row.id_shop_group is not None:
        return 1 if row.id_shop_group == group_id else -1
    return 0


def read_reference(
    session: Session, timezone: str, language: str = "auto", languages: Mapping[int, str] = MappingProxyType({})
) -> Reference:
    """Read it all; `timezone` is a zone's name, `language` a language's code, or `auto` for the shop's own.

    `languages` are those of single shops.
    """
    settings = Configuration(session.rows("load/configuration", names=list(NAMES)))
    lang_id = _lang_id(session, language) if language != "auto" else settings.number("PS_LANG_DEFAULT") or 1
    currencies = {
        row.id_currency: Currency(as_text(row.iso_code).upper(), _digits(row))
        for row in session.rows("load/currencies")
    }
    own = {shop_id: _lang_id(session, code) for shop_id, code in languages.items()}
    states = {key: _states(session, key) for key in {lang_id, *own.values()}}
    rows = session.rows("load/shops")
    shops = _sharing(
        {row.id_shop: _shop(row, settings, currencies, states[own.get(row.id_shop, lang_id)]) for row in rows}, rows
    )
    if not shops:
        raise ConfigurationError("The database names no shop: its shop table is empty.", hint="Check shop.url.")
    genders = {row.id_gender: {0: "male", 1: "female"}.get(row.type, "") for row in session.rows("load/genders")}
    house = settings.number("PSGDPR_ANONYMOUS_CUSTOMER")
    reference = Reference(
        shops=shops,
        time=LocalTime(_zone(timezone if timezone != "auto" else settings.value("PS_TIMEZONE"))),
        lang_id=lang_id,
        languages=own,
        genders=genders,
        house_accounts=frozenset({house} - {0}),
        version=settings.value("PS_VERSION_DB") or settings.value("PS_INSTALL_VERSION") or "unknown",
    )
    return replace(reference, routes=_routes(session, settings, rows, reference))


def _routes(
    session: Session, settings: Configuration, rows: Sequence[Row[Any]], reference: Reference
) -> dict[int, ProductRoute]:
    """The rules by which shops with friendly addresses write those of products."""
    languages = session.rows("load/shop_languages")
    found = {}
    for row in rows:
        place = {"shop_id": row.id_shop, "group_id": row.id_shop_group}
        if settings.number(FRIENDLY, **place):
            rule = settings.value(RULE, **place) or default_rule(reference.is_at_least)
            found[row.id_shop] = ProductRoute(rule, path_beginnings(languages, row.id_shop))
    return found


def _states(session: Session, lang_id: int) -> Mapping[int, OrderState]:
    return {
        row.id_order_state: OrderState(as_text(row.name), bool(row.logable), bool(row.paid))
        for row in session.rows("load/order_states", lang_id=lang_id)
    }


def _lang_id(session: Session, language: str) -> int:
    """The language's id, for the one that the operator chose."""
    known = {as_text(row.iso_code).lower(): as_int(row.id_lang) for row in session.rows("load/languages")}
    if language not in known:
        raise ConfigurationError(
            f"The shop has no language {language!r}.", hint=f"Set `language` to auto, or one of {', '.join(known)}."
        )
    return known[language]


def _sharing(shops: Mapping[int, ShopInfo], rows: Sequence[Row[Any]]) -> dict[int, ShopInfo]:
    """Each shop with those it shares its customers with (`shop_group.share_customer`).

    Only those of the same default currency: what two currencies amount to together nobody recorded.
    """
    groups = {row.id_shop: row.id_shop_group if row.share_customer else None for row in rows}
    found: dict[int, ShopInfo] = {}
    for shop_id, shop in shops.items():
        alike = (other for other in shops.values() if other.default_currency.iso == shop.default_currency.iso)
        group = groups[shop_id]
        shared = {other.shop_id for other in alike if group is not None and groups[other.shop_id] == group}
        found[shop_id] = replace(shop, counted=ShopSet(only=frozenset({shop_id, *shared})))
    return found


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError) as error:
        raise ConfigurationError(
            f"The shop's time zone {name!r} is unknown.", hint="Set shop.timezone to its name, such as Europe/Paris."
        ) from error


def _digits(row: Row[Any]) -> int:
    """The currency's digits: `precision` since 1.7.6; before that only whether there are decimals at all."""
    if row.digits is not None:
        return as_int(row.digits)
    return 0 if row.has_decimals is not None and not row.has_decimals else 2


def _shop(
    row: Row[Any], settings: Configuration, currencies: Mapping[int, Currency], states: Mapping[int, OrderState]
) -> ShopInfo:
    def number(name: str) -> int:
        return settings.number(name, shop_id=row.id_shop, group_id=row.id_shop_group)

    secure = bool(number("PS_SSL_ENABLED"))
    domain = as_text(row.domain_ssl if secure else row.domain)
    path = as_text(row.physical_uri) + as_text(row.virtual_uri)
    return ShopInfo(
        shop_id=row.id_shop,
        name=as_text(row.name),
        url=f"{'https' if secure else 'http'}://{domain}{path or '/'}" if domain else "",
        default_currency=currencies.get(number("PS_CURRENCY_DEFAULT")) or Currency("", 2),
        currencies=currencies,
        states=states,
        canceled=frozenset(number(name) for name in CANCELED) - {0},
        refunded=frozenset(number(name) for name in REFUNDED) - {0},
        error=frozenset(number(name) for name in ERROR) - {0},
        logs_page_views=bool(number(PAGE_VIEWS)),
        has_legacy_images=bool(number(LEGACY_IMAGES)),
    )
