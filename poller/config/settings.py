"""Settings, from defaults, the YAML file, systemd credentials and the environment, in rising priority.

Whatever is wrong surfaces as one ConfigurationError; no secret is ever part of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from poller.config.custom import CustomChoice, known_custom, located
from poller.config.privacy import Consent, Groups, Privacy
from poller.config.problems import explain
from poller.config.sections import (
    Backfill,
    EventChoice,
    Log,
    Monitoring,
    Schedule,
    Segment,
    Shop,
    State,
    UserIdChoice,
    known_events,
)
from poller.config.shops import OTHERS, ShopChoice, known_shops, read_shops
from poller.config.sources import Layer, find_file, read_credentials, read_environment, read_file, unknown
from poller.config.values import Duration, Internal, Language, Pause, Start, read_list, read_structure, write_duration
from poller.core.policy import CompletedWhen


class Settings(BaseSettings):
    """Every setting. Made by load_settings; direct construction takes the file's tree, and adds the other origins."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    active: bool = Field(default=True, description="Whether the poller works at all")
    shop: Shop
    segment: Segment
    backfill: Backfill = Backfill()
    state: State = State()
    schedule: Schedule = Schedule()
    language: Language = Field(
        default="auto", description="Language of names, as en or fr; auto is the shop's default language"
    )
    start_from: Start = Field(
        default="now", description="Oldest fact to send: now (the first start), a date, or beginning"
    )
    order_completed_when: CompletedWhen = Field(
        default="placed", description="Order Completed once the order is placed, or paid"
    )
    settle: Duration = Field(default=timedelta(seconds=15), description="How long to wait for what does not add up yet")
    cart_settle: Duration = Field(
        default=timedelta(seconds=10), description="How long a change in a cart must stand before it is told"
    )
    gap_ttl: Pause = Field(
        default=timedelta(hours=24), description="How long to look for a missing id when the horizon is unknown"
    )
    page_size: int = Field(default=500, ge=1, le=10_000, description="Rows read, and things derived, at a time")
    user_id: UserIdChoice = UserIdChoice()
    traits_in: Annotated[tuple[Literal["identify", "context", "properties"], ...], BeforeValidator(read_list)] = Field(
        default=("identify", "context"), description="Where a customer's traits go: identify, context, properties"
    )
    snake_case_traits: bool = Field(
        default=False, description="Also first_name beside firstName, and so on, for TikTok, Snap, HubSpot"
    )
    privacy: Privacy = Privacy()
    consent: Consent = Field(
        default={}, description="By category of consent: newsletter, partner_offers or privacy (module psgdpr)"
    )
    groups: Groups = Groups()
    track_page_views: bool = Field(
        default=True, description="Tell page views, where the shop logs them (module statsdata)"
    )
    spelling: Literal["spec", "xcommerce"] = Field(
        default="spec", description="Event names as Segment's or Xcommerce's tables spell them"
    )
    events: Annotated[dict[str, EventChoice], AfterValidator(known_events), BeforeValidator(read_structure)] = Field(
        default={}, description="By event: another name, or enabled: false (or true: Order Updated is off)"
    )
    namespace: UUID | None = Field(
        default=None, description="Namespace of message ids, if not drawn from the shop (see status)"
    )
    shops: Annotated[dict[str, ShopChoice], AfterValidator(known_shops), BeforeValidator(read_shops)] = Field(
        default={}, description="By shop id, and `others`: enabled, write_key, host, sent_from, event_category, ..."
    )
    custom_events: Annotated[dict[str, CustomChoice], AfterValidator(known_custom), BeforeValidator(read_structure)] = (
        Field(default={}, description="Events of your own, by name: event, file, clock, properties, ids, money, ...")
    )
    internal_customers: Internal = Field(
        default=(), description="E-mail addresses and customer ids of whom nothing is sent"
    )
    monitoring: Monitoring = Monitoring()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over credentials over file; our own readers, because they know how each spells a setting."""
        del env_settings, dotenv_settings, file_secret_settings
        known = known_settings()
        layers = read_environment(known), read_credentials(known)
        return *(InitSettingsSource(settings_cls, layer.tree) for layer in layers), init_settings

    @model_validator(mode="before")
    @classmethod
    def _with_sections(cls, values: dict[str, Any]) -> dict[str, Any]:
        """A section nobody wrote is empty, so that what it lacks is named."""
        return {"shop": {}, "segment": {}, **values}

    def secrets(self) -> tuple[str, ...]:
        """Every secret there is, for the logs to mask."""
        of_shops = (choice.write_key for choice in self.shops.values() if choice.write_key)
        found = (self.segment.write_key, self.shop.password, self.monitoring.heartbeat_url, *of_shops)
        return tuple(text for secret in found if (text := secret.get_secret_value()))

    def shop_choices(self) -> dict[int, ShopChoice]:
        """What was said of single shops, by their ids."""
        return {int(name): choice for name, choice in self.shops.items() if name != OTHERS}

    def shop_languages(self) -> dict[int, str]:
        """The languages of shops that have one of their own."""
        languages = {shop_id: choice.language for shop_id, choice in self.shop_choices().items()}
        return {shop_id: language for shop_id, language in languages.items() if language not in (None, "auto")}

    @property
    def has_other_shops(self) -> bool:
        """Whether shops that the settings do not name are told."""
        return OTHERS not in self.shops or self.shops[OTHERS].enabled


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings; `path` is the file asked for, else the usual places are tried. Raises ConfigurationError."""
    file = find_file(path)
    layer = read_file(file) if file else Layer("file", "", {})
    if odd := next((key for key in layer.tree if key.startswith("_")), None):
        raise unknown(layer, odd, "")
    try:
        settings = Settings(**layer.tree)
    except ValidationError as error:
        known = known_settings()
        raise explain(error, layers=(read_environment(known), read_credentials(known), layer), known=known) from None
    files = located(settings.custom_events, file.parent if file else Path())
    return settings.model_copy(update={"custom_events": files})


@dataclass(frozen=True, slots=True)
class DocumentedSetting:
    """One line of the settings' reference."""

    name: str
    default: str
    meaning: str


def documented_settings() -> tuple[DocumentedSetting, ...]:
    """Every setting, in the order of the file."""
    return tuple(_documented(Settings, ""))


def known_settings() -> tuple[str, ...]:
    """Every setting's path."""
    return tuple(setting.name for setting in documented_settings())


def _documented(model: type[BaseModel], section: str) -> Iterator[DocumentedSetting]:
    for name, info in model.model_fields.items():
        path = section + (info.alias or name)
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _documented(info.annotation, f"{path}.")
        else:
            yield DocumentedSetting(path, _default(info), info.description or "")


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    match info.default:
        case None | SecretStr():
            return ""
        case timedelta() as duration:
            return write_duration(duration)
        case tuple() as items:
            return f"[{', '.join(items)}]"
        case bool() as is_on:
            return str(is_on).lower()
        case value:
            return str(value)
