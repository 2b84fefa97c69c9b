"""Customers: who they are, what may be told of them, and the identify call when a trait changes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b

from poller.core.events import Event, Json, Who
from poller.core.feeds import Feed
from poller.core.identity import anonymous_id, email_hash
from poller.core.policy import Policy, UserId
from poller.streams.accounts import EVENTS as ACCOUNT_EVENTS
from poller.streams.accounts import account_events, noted
from poller.streams.described import IDENTIFY
from poller.streams.outcome import Outcome, Stream

FEEDS = (
    Feed(name="customer", thing="customer", kind="tail"),
    Feed(name="address", thing="customer", kind="tail"),
    Feed(name="psgdpr_log", thing="customer", kind="tail", optional=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address (`address`), with the names of its country and state."""

    street: str = ""
    city: str = ""
    postal_code: str = ""
    state: str = ""
    country: str = ""
    country_code: str = ""
    phone: str = ""
    company: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFacts:
    """A customer (`customer`), whole; `address` is the newest one in use. Times are aware UTC.

    `consents` are the categories that the operator named in the setting `consent`, and whether the customer agreed.
    """

    customer_id: int
    shop_id: int
    email: str
    first_name: str
    last_name: str
    gender: str = ""
    birthday: date | None = None
    company: str = ""
    is_newsletter: bool = False
    is_partner_offers: bool = False
    is_guest: bool = False
    is_deleted: bool = False
    is_erased: bool = False
    is_house_account: bool = False
    added_at: datetime | None = None
    updated_at: datetime | None = None
    subscribed_at: datetime | None = None
    address: Address | None = None
    custom_id: str = ""
    consents: Mapping[str, bool] = field(default_factory=dict)


def exclusion(customer: CustomerFacts, policy: Policy) -> str | None:
    """Why nothing may be sent of a customer: erased, deleted or internal; None if it may."""
    if customer.is_erased:
        return "erased"
    if customer.is_deleted:
        return "deleted"
    if customer.email.strip().lower() in policy.internal or str(customer.customer_id) in policy.internal:
        return "internal"
    return "internal" if customer.is_house_account else None


def user_id(customer: CustomerFacts, choice: UserId) -> str | None:
    """Segment's userId of a customer, by the operator's choice; None where there is none.

    The prefix is that of the shop where they registered: who buys in two shops that share customers is one person.
    """
    prefix = choice.prefix_of(customer.shop_id)
    match choice.source:
        case "anonymous":
            return None
        case "email_hash":
            return prefix + email_hash(customer.email, choice.hash) if customer.email.strip() else None
        case "custom":
            return prefix + customer.custom_id if customer.custom_id else None
        case "customer_id":
            return f"{prefix}{customer.customer_id}"


def who_of(customer: CustomerFacts, policy: Policy) -> Who:
    """Whom an event of a customer is about; without a userId, by an anonymous id made from the customer's row."""
    known = user_id(customer, policy.user_id)
    return Who(
        user_id=known,
        anonymous_id=None if known else anonymous_id(policy.namespace, f"customer/{customer.customer_id}"),
        customer_id=customer.customer_id,
        traits=traits(customer),
    )


def traits(customer: CustomerFacts) -> dict[str, Json]:
    """The customer's traits by Segment's reserved names, what is unknown left out (spec/identify)."""
    address = customer.address
    found: dict[str, Json | None] = {
        "email": customer.email,
        "firstName": customer.first_name,
        "lastName": customer.last_name,
        "phone": address.phone if address else None,
        "birthday": customer.birthday.isoformat() if customer.birthday else None,
        "gender": customer.gender,
        "company": _company(customer),
        "createdAt": customer.added_at.isoformat().replace("+00:00", "Z") if customer.added_at else None,
        "newsletter": customer.is_newsletter,
        "partner_offers": customer.is_partner_offers,
        "is_guest": customer.is_guest,
        "userConsent": dict(customer.consents),
        "prestashop_customer_id_xcommerce": str(customer.customer_id),
    }
    if address:
        place = _place(address)
        found |= {"address": place, "default_address": place}
    return {name: value for name, value in found.items() if value not in (None, "", {})}


def _company(customer: CustomerFacts) -> Json | None:
    name = customer.company or (customer.address.company if customer.address else "")
    return {"name": name} if name else None


def _place(address: Address) -> dict[str, Json]:
    place: Mapping[str, str] = {
        "street": address.street,
        "city": address.city,
        "postalCode": address.postal_code,
        "state": address.state,
        "country": address.country_code or address.country,
    }
    return {name: value for name, value in place.items() if value}


def derive(now: datetime, facts: CustomerFacts, memory: str | None, *, policy: Policy) -> Outcome:
    """The identify call of the customer's present traits: a new one when they appear and whenever a trait changes.

    It happened when the customer was last saved; if no save dates it (an address, the newsletter box in the shop's
    footer), when it was noticed.
    """
    reason = exclusion(facts, policy)
    if reason:
        return Outcome(exclude=(facts.customer_id, reason) if reason != "internal" else None)
    known = traits(facts)
    before = json.loads(memory) if memory else {}
    told = _revised(now, facts, known, before)
    saved_at = datetime.fromisoformat(str(told["at"])) if told is not before else now
    told = {**told, **noted(now, facts, before, saved_at=saved_at)}
    after = json.dumps(told, separators=(",", ":"))
    others = tuple(account_events(facts, told, who_of(facts, policy), policy))
    who_id = user_id(facts, policy.user_id)
    if not who_id or "identify" in policy.disabled:
        return Outcome(events=others, memory=after)
    event = Event(
        fact=f"customer/{facts.customer_id}/identify/{told['revision']}/{told['traits']}",
        call="identify",
        name="identify",
        thing="customer",
        key=facts.customer_id,
        occurred_at=datetime.fromisoformat(str(told["at"])),
        who=Who(user_id=who_id, customer_id=facts.customer_id, traits=known),
        properties={},
        shop_id=facts.shop_id,
    )
    return Outcome(events=(event, *others), memory=after)


def _revised(
    now: datetime, facts: CustomerFacts, known: Mapping[str, Json], before: Mapping[str, object]
) -> Mapping[str, object]:
    """The memory after this look: a new revision if a trait changed.

    The revision is part of the event's name: traits that change and change back are three facts, not two.
    """
    fingerprint = blake2b(json.dumps(known, sort_keys=True).encode(), digest_size=8).hexdigest()
    if before.get("traits") == fingerprint:
        return before
    saved = facts.updated_at.isoformat() if facts.updated_at else ""
    seen = datetime.fromisoformat(str(before["seen"])) if "seen" in before else None
    has_moved = facts.updated_at is not None and before.get("saved") != saved
    has_moved = has_moved and not (seen and facts.updated_at and facts.updated_at < seen)
    at = min(facts.updated_at, now) if facts.updated_at and has_moved else now
    revision = int(str(before.get("revision", 0))) + 1
    return {"traits": fingerprint, "revision": revision, "saved": saved, "at": at.isoformat()}


def unremarkable(at: datetime) -> str:
    """The memory of a customer who was seen at that time: whatever is told of them now changed since."""
    return json.dumps({"seen": at.isoformat()})


def gone(now: datetime, key: int, memory: str | None, *, policy: Policy) -> Outcome:
    """A customer whose row is gone was deleted or erased: nothing more is sent of them."""
    del now, memory, policy
    return Outcome(exclude=(key, "deleted"))


CUSTOMERS = Stream(
    thing="customer",
    feeds=FEEDS,
    derive=derive,
    gone=gone,
    emits=(IDENTIFY, *ACCOUNT_EVENTS),
    unremarkable=unremarkable,
)
