"""TLS to the database: a real server with a certificate of its own, and every choice the operator has."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from poller.shop.encryption import Encryption
from tests.acceptance.process import run
from tests.acceptance.stage import Stage, answer, staged


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority of our own, and a certificate by it for `localhost`."""
    place = tmp_path_factory.mktemp("certificates")
    ca, key = str(place / "ca.pem"), str(place / "ca.key")
    new = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Authority")
    openssl(*new, "-keyout", key, "-out", ca)
    extra = place / "names"
    extra.write_text("subjectAltName=DNS:localhost\n")
    request = ("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost")
    openssl(*request, "-keyout", str(place / "server.key"), "-out", str(place / "server.csr"))
    signed = (
        "x509",
        "-req",
        "-days",
        "2",
        "-in",
        str(place / "server.csr"),
        "-CA",
        ca,
        "-CAkey",
        key,
        "-CAcreateserial",
    )
    openssl(*signed, "-extfile", str(extra), "-out", str(place / "server.pem"))
    for file in place.iterdir():
        file.chmod(0o644)
    return place


@pytest.fixture(scope="module")
def tls_server(certificates: Path) -> Iterator[PrivateMariaDB]:
    options = [f"--ssl-{name}={certificates / file}" for name, file in FILES.items()]
    with PrivateMariaDB(*options, port=0) as running:
        yield running


FILES = {"ca": "ca.pem", "cert": "server.pem", "key": "server.key"}


@pytest.fixture
def stage(tls_server: PrivateMariaDB, tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path, tls_server, Receiver()) as found:
        tls_server.create_account("reader", f"SELECT ON {found.database}.*", "PROCESS ON *.*", password="pass-word")
        yield found
        found.keeper.run("DROP USER reader@'%%'")


def test_every_choice(stage: Stage, tls_server: PrivateMariaDB, certificates: Path) -> None:
    url = tls_server.tcp_url(stage.database, user="reader", password="pass-word")
    by_name = url.replace("127.0.0.1", "localhost")
    ca = str(certificates / "ca.pem")
    cases: list[tuple[str, dict[str, str], int, str]] = [
        ("within the host the server's offer is taken", {"url": by_name}, 0, "encrypted: TLS"),
        ("verified", {"url": by_name, "tls": "verify", "tls_ca": ca}, 0, "encrypted: TLS"),
        ("by an authority nobody knows", {"url": by_name, "tls": "verify"}, 1, "No trusted TLS connection"),
        ("under another name", {"url": url, "tls": "verify", "tls_ca": ca}, 1, "No trusted TLS connection"),
        ("by whomever", {"url": url, "tls": "require"}, 0, "encrypted: TLS"),
        ("not at all", {"url": url, "tls": "off"}, 0, "does not leave this host"),
        (
            "no certificates",
            {"url": url, "tls": "verify", "tls_ca": str(stage.config)},
            78,
            "not a file of certificates",
        ),
    ]
    for name, shop, code, words in cases:
        stage.configure(shop=shop)
        done = run(stage.config, "check", "--json")
        assert done.returncode == code, f"{name}: {done.stdout}{done.stderr}"
        assert words in done.stdout + done.stderr, f"{name}: {done.stdout}"
        if "No trusted" in words:
            assert "shop.tls_ca" in done.stdout


def test_a_server_without_tls_is_refused_where_tls_is_asked_for(tmp_path: Path) -> None:
    with PrivateMariaDB(port=0) as plain, staged(tmp_path, plain, Receiver()) as stage:
        url = plain.tcp_url(stage.database)
        stage.configure(shop={"url": url, "tls": "require"})
        done = stage.run("catch-up")
        assert done.returncode == 78
        assert "shop.tls" in done.stderr
        stage.configure(shop={"url": url})
        assert answer(stage.run("check", "--json"))[0]


def test_what_leaves_this_host_is_verified_unless_told_otherwise() -> None:
    from sqlalchemy.engine import make_url

    away, here = make_url("mysql+pymysql://p@db.example.com/shop"), make_url("mysql+pymysql://p@127.0.0.1/shop")
    context = Encryption().arguments(away)["ssl"]
    assert context.check_hostname
    assert Encryption().arguments(here) == {}
    assert Encryption("off").arguments(away) == {"ssl_disabled": True}
    fast = make_url("mysql+mysqldb://p@db.example.com/shop")
    assert Encryption().arguments(fast) == {"ssl_mode": "VERIFY_IDENTITY"}
    socket = make_url("mysql+pymysql://p@db.example.com/shop?unix_socket=/run/s")
    assert Encryption().arguments(socket) == {}
