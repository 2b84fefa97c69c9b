import ssl
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, make_url
from sqlalchemy.exc import OperationalError

from poller.demo.server import PrivateMariaDB
from poller.shop import transport
from poller.shop.session import make_engine

CIPHER = "SHOW SESSION STATUS LIKE 'Ssl_cipher'"


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry each time the system's certificates are loaded; the loading itself still happens."""
    found: list[object] = []
    create = ssl.create_default_context

    def counting(*arguments: Any, **named: Any) -> ssl.SSLContext:
        found.append(arguments)
        return create(*arguments, **named)

    monkeypatch.setattr(ssl, "create_default_context", counting)
    return found


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    directory = tmp_path_factory.mktemp("certificate")
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=shop.example.com",
            ),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    return f"--ssl-key={key}", f"--ssl-cert={certificate}"


@pytest.fixture(scope="module")
def plain() -> Iterator[PrivateMariaDB]:
    with PrivateMariaDB(port=0) as server:
        server.create_account("reader")
        yield server


@pytest.fixture(scope="module")
def encrypting(certificate: tuple[str, str]) -> Iterator[PrivateMariaDB]:
    with PrivateMariaDB(*certificate, port=0) as server:
        server.create_account("reader")
        yield server


def engine_for(server: PrivateMariaDB) -> Engine:
    url = make_url(server.tcp_url("information_schema", user="reader"))
    return make_engine(url, statement_timeout=timedelta(seconds=2))


def cipher(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.exec_driver_sql(CIPHER).one()[1])


def test_a_server_without_tls_is_asked_for_it_once(plain: PrivateMariaDB, loaded: list[object]) -> None:
    engine = engine_for(plain)
    assert [cipher(engine) for _ in range(3)] == ["", "", ""]
    assert len(loaded) == 1


def test_every_connection_to_a_server_with_tls_is_encrypted(encrypting: PrivateMariaDB, loaded: list[object]) -> None:
    engine = engine_for(encrypting)
    assert all(cipher(engine) for _ in range(3))
    assert len(loaded) == 1


def test_a_socket_needs_no_tls(encrypting: PrivateMariaDB, loaded: list[object]) -> None:
    engine = make_engine(make_url(encrypting.url("mysql")), statement_timeout=timedelta(seconds=2))
    assert cipher(engine) == ""
    assert loaded == []


def test_a_server_that_lost_its_tls_fails_once_and_is_asked_again(certificate: tuple[str, str]) -> None:
    with PrivateMariaDB(*certificate, port=0) as server:
        server.create_account("reader")
        engine = engine_for(server)
        assert cipher(engine)
        server.kill()
        server._options = ()
        server.start()
        with pytest.raises(OperationalError):
            cipher(engine)
        assert cipher(engine) == ""


def test_what_was_learned_is_learned_anew_after_a_while(
    plain: PrivateMariaDB, loaded: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_KNOWN_FOR_SECONDS", -1.0)
    engine = engine_for(plain)
    assert [cipher(engine) for _ in range(3)] == ["", "", ""]
    assert len(loaded) == 3


def test_tls_that_the_operator_demands_is_demanded_on_a_socket_too(
    encrypting: PrivateMariaDB, certificate: tuple[str, str]
) -> None:
    ca = Path(certificate[1].partition("=")[2])
    url = make_url(encrypting.url("mysql")).update_query_dict({"ssl_ca": str(ca), "ssl_check_hostname": "false"})
    assert cipher(make_engine(url, statement_timeout=timedelta(seconds=2)))
