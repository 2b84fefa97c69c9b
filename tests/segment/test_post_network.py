"""SegmentSender and the way to Segment: names, certificates, proxies, timeouts, and hosts as people write them."""

import base64
import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from poller.errors import ConfigurationError
from poller.ports import Accepted, Deferred, Misconfigured
from poller.segment.post import SegmentSender, plain_host
from poller.segment.verdict import SEE_HOST
from tests.segment.outlet import KEY, MESSAGE, sender
from tests.segment.server import Answer, ScriptedServer

pytestmark = pytest.mark.usefixtures("way")


def test_a_batch_stored_before_the_connection_broke_is_sent_again_unchanged() -> None:
    with ScriptedServer(Answer(breaks="read")) as server:
        outlet = sender(server.url)
        assert isinstance(outlet.post([MESSAGE], attempt=0), Deferred)
        assert outlet.post([MESSAGE], attempt=1) == Accepted()
        first, second = server.received
    assert first.messages == second.messages


def test_an_answer_that_takes_too_long() -> None:
    with ScriptedServer(Answer(breaks="stall")) as server:
        verdict = sender(server.url, timeout=(5.0, 0.2)).post([MESSAGE], attempt=0)
    assert verdict == Deferred("Segment did not answer in time.")


def test_nobody_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        verdict = sender(f"http://127.0.0.1:{bound.getsockname()[1]}").post([MESSAGE], attempt=0)
    assert verdict == Deferred("The connection to Segment failed or broke off.")


def test_a_name_that_does_not_exist() -> None:
    verdict = sender("http://segment.invalid").post([MESSAGE], attempt=0)
    assert verdict == Deferred("The name of segment.host could not be resolved (DNS).")


def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as bound, ScriptedServer() as server:
        bound.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTP_PROXY", f"http://user:canary-secret@127.0.0.1:{bound.getsockname()[1]}")
        verdict = sender(server.url).post([MESSAGE], attempt=0)
    assert verdict == Deferred("The proxy cannot be reached, or does not reach Segment.")


def test_a_proxy_address_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://[")
    verdict = sender("http://segment.example.com").post([MESSAGE], attempt=0)
    assert isinstance(verdict, Misconfigured)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody but itself vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "segment.example.com")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_a_certificate_nobody_vouches_for(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with ScriptedServer(tls=tls) as server:
        outlet = sender(server.url)
        verdict = outlet.post([MESSAGE], attempt=0)
        assert isinstance(verdict, Deferred)
        assert "certificate" in verdict.reason
        assert server.received == []
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert outlet.post([MESSAGE], attempt=1) == Accepted()


def test_a_ca_bundle_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    verdict = sender("https://127.0.0.1:1").post([MESSAGE], attempt=0)
    assert isinstance(verdict, Deferred)
    assert "REQUESTS_CA_BUNDLE" in verdict.reason


def test_netrc_does_not_replace_the_write_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with ScriptedServer() as server:
        assert sender(server.url).post([MESSAGE], attempt=0) == Accepted()
        expected = base64.b64encode(f"{KEY}:".encode()).decode()
        assert server.received[0].headers["Authorization"] == f"Basic {expected}"


@pytest.mark.parametrize(
    "host",
    [
        "https://api.segment.io",
        "https://api.segment.io/",
        " https://api.segment.io// ",
        "https://api.segment.io/v1",
        "https://api.segment.io/v1/",
        "https://api.segment.io/v1/batch",
    ],
)
def test_a_host_is_understood(host: str) -> None:
    assert plain_host(host) == "https://api.segment.io"


def test_a_host_with_a_path_keeps_it() -> None:
    assert plain_host("http://gateway.example.com:8080/segment/") == "http://gateway.example.com:8080/segment"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "api.segment.io",
        "ftp://api.segment.io",
        "https://",
        "https://:443",
        "https://api.segment.io:99999",
        "https://[::1",
        "https://canary:secret@api.segment.io",
        "https://api.segment.io/?v=1",
        "https://api.segment.io/#v1",
    ],
)
def test_a_host_that_is_no_address_is_refused(host: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        SegmentSender(KEY, host=host)
    assert "canary" not in str(refused.value)
    assert refused.value.hint == SEE_HOST


def test_a_key_read_from_a_file_may_end_with_a_newline() -> None:
    with ScriptedServer() as server:
        assert SegmentSender(f"{KEY}\n", host=server.url).post([MESSAGE], attempt=0) == Accepted()
        assert server.received[0].document["writeKey"] == KEY


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"segment\.write_key is empty"):
        SegmentSender(" ")
