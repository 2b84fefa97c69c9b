"""The sections of the settings: each setting with its default and its meaning."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from sqlalchemy.engine import URL

from poller.config.base import Section
from poller.config.prestashop import read_prestashop
from poller.config.values import (
    Host,
    Loopback,
    Pause,
    Secret,
    Share,
    ShopUrl,
    StateUrl,
    WriteKey,
    Zone,
    read_shop_url,
    read_structure,
)
from poller.core.policy import UserIdSource
from poller.streams.registry import event_types


def _word(text: str) -> str:
    if not re.fullmatch(r"\w*", text, re.ASCII):
        raise ValueError("may hold only letters, digits and underscores: write it like ps_")
    return text


Word = Annotated[str, AfterValidator(_word)]


class Shop(Section):
    """The shop's database."""

    url: ShopUrl = Field(description="SQLAlchemy URL of the shop's database, with a user who may only read")
    password: Secret = Field(default=SecretStr(""), description="Password of that user, if it is not in the URL")
    path: Path | None = Field(default=None, description="A PrestaShop directory to read url, password and prefix from")
    prefix: Word = Field(default="ps_", description="What the shop's table names begin with")
    timezone: Zone = Field(default="auto", description="The shop's time zone, if PrestaShop's own setting is wrong")
    tls: Literal["auto", "verify", "require", "off"] = Field(
        default="auto", description="TLS to the database: auto verifies wherever the way leaves this host"
    )
    tls_ca: Path | None = Field(
        default=None, description="Certificate of the authority that signed the database's, if not the system's"
    )
    statement_timeout: Pause = Field(default=timedelta(seconds=2), description="Longest time one statement may take")
    load_budget: Share = Field(
        default=0.01, description="Share of a core of the database that one feed or sweep may take: 0.01 or 1%"
    )

    @model_validator(mode="before")
    @classmethod
    def _from_directory(cls, values: Any) -> Any:
        """Without a URL, a PrestaShop directory is enough; what is given beside it holds."""
        if not isinstance(values, dict) or values.get("url") or not isinstance(values.get("path"), str | Path):
            return values
        found = read_prestashop(Path(values["path"]).expanduser())
        return {"url": found.url, "password": found.password, "prefix": found.prefix, **values}

    @model_validator(mode="before")
    @classmethod
    def _without_password(cls, values: Any) -> Any:
        """Take the password out of the URL, so that the URL can be shown; one given beside it holds."""
        try:
            url = read_shop_url(values["url"])
        except (KeyError, TypeError, ValueError):
            return values
        beside = {"password": url.password} if isinstance(url.password, str) else {}
        return {**beside, **values, "url": url._replace(password=None)}

    def sqlalchemy_url(self) -> URL:
        """The URL with the password in it: for connecting, never for showing."""
        password = self.password.get_secret_value()
        return self.url.set(password=password) if password else self.url


class Segment(Section):
    """Where events go."""

    write_key: WriteKey = Field(description="Write key of the Segment source")
    host: Host = Field(
        default="https://api.segment.io", description="Segment's address; https://events.eu1.segmentapis.com in the EU"
    )
    sent_from: str = Field(default="prestashop-segment-poller", description="Property sent_from of every event")
    event_category: str = Field(default="ecommerce", description="Property category of every event")
    integrations: Annotated[dict[str, Any], BeforeValidator(read_structure)] = Field(
        default={}, description="Segment's integrations object, as it is: which destinations get the events"
    )
    rate_limit: int = Field(default=500, gt=0, le=100_000, description="Most events sent in a second")
    timeout: Pause = Field(default=timedelta(seconds=15), description="Longest wait for Segment's answer")
    transport: Literal["library", "direct"] = Field(
        default="library", description="library: Segment's own post; direct: the same request for less CPU"
    )


class Backfill(Section):
    """What holds for history only: `poller backfill` and `poller replay`."""

    integrations: Annotated[dict[str, Any], BeforeValidator(read_structure)] = Field(
        default={}, description="Which destinations get history, instead of segment.integrations; empty: the same"
    )
    most_threads: int = Field(
        default=30, gt=0, description="Statements running in the shop's database above which reading history waits"
    )
    most_lag: Pause = Field(
        default=timedelta(minutes=1), description="Lag of the replica that is read above which reading history waits"
    )


class State(Section):
    """What survives a crash."""

    url: StateUrl = Field(
        default="sqlite:////var/lib/poller/state.db", description="SQLite file of the state store (four slashes)"
    )


class Schedule(Section):
    """How often the daemon works."""

    poll: Pause = Field(default=timedelta(seconds=2), description="Pause between looks at the shop")
    deliver: Pause = Field(default=timedelta(seconds=1), description="Pause between looks at the outbox")
    sweep: Pause = Field(
        default=timedelta(minutes=10), description="Pause between searches for silent changes of any age"
    )
    hot_sweep: Pause = Field(default=timedelta(seconds=30), description="Pause between searches among recent things")


class Monitoring(Section):
    """How the poller is watched from outside."""

    listen: Loopback = Field(default="", description="Where /metrics and /healthz answer, on loopback: 127.0.0.1:9464")
    textfile: Path | None = Field(
        default=None, description="File for node_exporter's textfile collector, written after each catch-up"
    )
    heartbeat_url: Secret = Field(
        default=SecretStr(""), description="Address that is asked while all is well: a dead man's switch"
    )
    heartbeat_every: Pause = Field(default=timedelta(minutes=1), description="Pause between heartbeats")
    most_lag: Pause = Field(default=timedelta(minutes=5), description="A longer lag is not well")


class UserIdChoice(Section):
    """How a customer becomes Segment's userId; `user_id: customer_id` is short for `from`."""

    source: UserIdSource = Field(
        default="customer_id",
        alias="from",
        description="customer_id, email_hash, custom (a column), or anonymous (no userId)",
    )
    prefix: str = Field(default="", description="Put before the id: keeps several shops in one workspace apart")
    hash: Literal["sha256", "md5"] = Field(default="sha256", description="Algorithm of email_hash")
    table: Word = Field(default="", description="For custom: the table, with its prefix")
    column: Word = Field(default="", description="For custom: the column that holds the id")
    customer_column: Word = Field(
        default="id_customer", description="For custom: the column that joins to the customer"
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.source == "custom" and not (self.table and self.column and self.customer_column):
            raise ValueError(
                "takes the id from a column of yours: give table, column and customer_column beside `from`"
            )
        return self


class EventChoice(Section):
    """What the operator wants of one event."""

    name: str | None = Field(default=None, min_length=1, description="Another name for it")
    enabled: bool | None = Field(default=None, description="Whether it is sent, whatever its group")


def known_events(events: dict[str, EventChoice]) -> dict[str, EventChoice]:
    """Refuse events that no stream emits: a choice that names none would do nothing, in silence."""
    names = sorted(event_types())
    for name in events:
        if name not in names:
            raise ValueError(f"names an event that does not exist (`{name}`): choose from {', '.join(names)}")
    return events


class Log(Section):
    """How the poller speaks."""

    format: Literal["auto", "json", "console"] = Field(
        default="auto", description="auto: console on a terminal, else JSON lines"
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least important level shown"
    )
