"""Loading what is written into logs: sessions, subscriptions, e-mails, messages, searches."""

from collections.abc import Sequence
from datetime import datetime

from poller.shop.people import CustomField, load_customers
from poller.shop.reference import Reference
from poller.shop.session import Session
from poller.shop.values import as_int, as_text
from poller.streams.customers import CustomerFacts
from poller.streams.mails import MailFacts
from poller.streams.messages import MessageFacts
from poller.streams.searches import SearchFacts
from poller.streams.sessions import SessionFacts
from poller.streams.subscribers import SubscriberFacts


def load_sessions(
    session: Session, ids: Sequence[int], *, reference: Reference, now: datetime, custom: CustomField | None = None
) -> dict[int, SessionFacts]:
    """The sessions that were not ended, by id."""
    rows = list(session.rows_in("load/customer_sessions", ids))
    owners = [as_int(row.id_customer) for row in rows]
    customers = load_customers(session, owners, reference=reference, now=now, custom=custom)
    return {
        row.id_customer_session: SessionFacts(
            session_id=row.id_customer_session,
            customer=customers.get(as_int(row.id_customer)),
            at=reference.time.utc(row.date_add, now),
        )
        for row in rows
    }


def load_subscribers(
    session: Session, ids: Sequence[int], *, reference: Reference, now: datetime, custom: CustomField | None = None
) -> dict[int, SubscriberFacts]:
    """The visitors' subscriptions that are there, by id."""
    del custom
    return {
        row.id: SubscriberFacts(
            subscriber_id=row.id,
            shop_id=as_int(row.id_shop),
            email=as_text(row.email),
            is_active=bool(row.active),
            at=reference.by_database(row.newsletter_date_add, row.added_utc, now),
        )
        for row in session.rows_in("load/subscribers", ids)
    }


def load_mails(
    session: Session, ids: Sequence[int], *, reference: Reference, now: datetime, custom: CustomField | None = None
) -> dict[int, MailFacts]:
    """The e-mails that are still logged, by id.

    `mail.date_add` is a TIMESTAMP into which PHP writes the shop's local time: what is read in the zone of the writing
    session is that time again. From 9.2 on that zone is the shop's, and the moment itself is right.
    """
    rows = list(session.rows_in("load/mails", ids))
    recipients = {as_text(row.recipient).lower() for row in rows}
    customers = _by_email(session, recipients, reference=reference, now=now, custom=custom)
    return {
        row.id_mail: MailFacts(
            mail_id=row.id_mail,
            template=as_text(row.template),
            subject=as_text(row.subject),
            customer=customers.get(as_text(row.recipient).lower()),
            at=reference.by_timestamp(row.added_local, row.added_utc, now),
        )
        for row in rows
    }


def _by_email(
    session: Session, emails: set[str], *, reference: Reference, now: datetime, custom: CustomField | None
) -> dict[str, CustomerFacts]:
    """Whose addresses these are, in lower case: of several customers an account before a guest, then the newest."""
    found: dict[str, tuple[bool, bool, int]] = {}
    for row in session.rows_by("load/customers_by_email", sorted(emails - {""})):
        rank = (not row.deleted, not row.is_guest, row.id_customer)
        email = as_text(row.email).lower()
        found[email] = max(found.get(email, rank), rank)
    ids = [key for _, _, key in found.values()]
    customers = load_customers(session, ids, reference=reference, now=now, custom=custom)
    return {email: customers[key] for email, (_, _, key) in found.items() if key in customers}


def load_messages(
    session: Session, ids: Sequence[int], *, reference: Reference, now: datetime, custom: CustomField | None = None
) -> dict[int, MessageFacts]:
    """Messages of the customer service that exist, by id; never their text."""
    rows = list(session.rows_in("load/messages", ids))
    writers = [as_int(row.id_customer) for row in rows]
    customers = load_customers(session, writers, reference=reference, now=now, custom=custom)
    return {
        row.id_customer_message: MessageFacts(
            message_id=row.id_customer_message,
            thread_id=as_int(row.id_customer_thread),
            shop_id=as_int(row.id_shop),
            order_id=as_int(row.id_order),
            customer=customers.get(as_int(row.id_customer)),
            email=as_text(row.email),
            is_by_employee=bool(row.id_employee),
            is_private=bool(row.private),
            is_first=row.first_id == row.id_customer_message,
            at=reference.time.utc(row.date_add, now),
        )
        for row in rows
    }


def load_searches(
    session: Session, ids: Sequence[int], *, reference: Reference, now: datetime, custom: CustomField | None = None
) -> dict[int, SearchFacts]:
    """The searches that are still logged, by id."""
    del custom
    return {
        row.id_statssearch: SearchFacts(
            search_id=row.id_statssearch,
            shop_id=as_int(row.id_shop),
            query=as_text(row.keywords),
            results=as_int(row.results),
            at=reference.by_database(row.date_add, row.added_utc, now),
        )
        for row in session.rows_in("load/searches", ids)
    }
