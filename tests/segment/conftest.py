"""What holds for every test against the edge to Segment."""

from collections.abc import Iterator

import pytest
from segment.analytics import request as library

from tests.segment.outlet import WAY


@pytest.fixture(autouse=True)
def _own_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No proxy of this host between test and server, no connection left over from another server."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    yield
    library._session.close()


@pytest.fixture(params=["library", "direct"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to post, one after the other."""
    chosen: str = request.param
    monkeypatch.setitem(WAY, "direct", chosen == "direct")
    return chosen
