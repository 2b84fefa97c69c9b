"""A PrestaShop directory as the source of the shop's database settings."""

import socket
from pathlib import Path

import pytest

from poller.config import load_settings
from poller.config.prestashop import PARAMETERS, SETTINGS, read_prestashop
from poller.errors import ConfigurationError

PARAMETERS_PHP = r"""<?php return array (
  'parameters' =>
  array (
    'database_host' => '%(host)s',
    'database_port' => '%(port)s',
    'database_name' => 'boutique',
    'database_user' => 'ps_user',
    'database_password' => %(password)s,
    'database_prefix' => 'bq_',
    'database_engine' => 'InnoDB',
    'mailer_password' => NULL,
    // 'database_name' => 'an_old_one',
    # 'database_user' => 'nobody',
    /* 'database_prefix' => 'x_', */
    'secret' => 'it\'s // not a comment',
    'ps_caching' => 'CacheMemcache',
    'ps_cache_enable' => false,
    'locale' => "fr-FR",
    'cookie' => ['lifetime' => 3600, 'name' => 'it'],
  ),
);
"""

SETTINGS_PHP = """<?php
define('_DB_SERVER_', 'db.example.com:3307');
define( "_DB_NAME_" , "boutique" ) ;
define('_DB_USER_', 'ps_user');
define('_DB_USER_', 'too late: in PHP the first define holds');
define('_DB_PASSWD_', 'p\\'w\\\\d');
define('_DB_PREFIX_', 'old_');
define('_MYSQL_ENGINE_', 'InnoDB');
define('_PS_CACHE_ENABLED_', '0');
define('_COOKIE_KEY_', 'x');
if (!defined('_PS_VERSION_')) define('_PS_VERSION_', '1.6.1.24');
"""


def shop_with(directory: Path, relative: Path, text: str) -> Path:
    file = directory / relative
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return directory


def parameters(host: str = "db.example.com", port: str = "", literal: str = "'secret'") -> str:
    return PARAMETERS_PHP % {"host": host, "port": port, "password": literal}


def refusal(directory: Path) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        read_prestashop(directory, sockets=())
    return caught.value


def test_parameters_of_1_7_and_later(tmp_path: Path) -> None:
    found = read_prestashop(shop_with(tmp_path, PARAMETERS, parameters(port="3307")), sockets=())
    assert str(found.url) == "mysql+pymysql://ps_user@db.example.com:3307/boutique"
    assert (found.password, found.prefix) == ("secret", "bq_")


def test_settings_of_1_6(tmp_path: Path) -> None:
    found = read_prestashop(shop_with(tmp_path, SETTINGS, SETTINGS_PHP), sockets=())
    assert str(found.url) == "mysql+pymysql://ps_user@db.example.com:3307/boutique"
    assert (found.password, found.prefix) == ("p'w\\d", "old_")


def test_after_an_upgrade_the_newer_file_holds(tmp_path: Path) -> None:
    shop_with(tmp_path, SETTINGS, SETTINGS_PHP)
    assert read_prestashop(shop_with(tmp_path, PARAMETERS, parameters()), sockets=()).prefix == "bq_"


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("127.0.0.1", "", "mysql+pymysql://ps_user@127.0.0.1/boutique"),
        ("127.0.0.1:3307", "", "mysql+pymysql://ps_user@127.0.0.1:3307/boutique"),
        ("[::1]:3307", "", "mysql+pymysql://ps_user@[::1]:3307/boutique"),
        ("localhost", "3307", "mysql+pymysql://ps_user@localhost:3307/boutique"),
        (
            "localhost:/var/run/db.sock",
            "",
            "mysql+pymysql://ps_user@localhost/boutique?unix_socket=%2Fvar%2Frun%2Fdb.sock",
        ),
        ("/var/run/db.sock", "", "mysql+pymysql://ps_user@localhost/boutique?unix_socket=%2Fvar%2Frun%2Fdb.sock"),
        ("localhost", "", "mysql+pymysql://ps_user@localhost/boutique"),
    ],
)
def test_hosts_as_prestashop_reads_them(tmp_path: Path, host: str, port: str, url: str) -> None:
    found = read_prestashop(shop_with(tmp_path, PARAMETERS, parameters(host, port)), sockets=())
    assert str(found.url) == url


def test_a_bare_localhost_means_the_socket_where_there_is_one(tmp_path: Path) -> None:
    directory = shop_with(tmp_path, PARAMETERS, parameters("localhost"))
    absent, present = str(tmp_path / "absent.sock"), str(tmp_path / "db.sock")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(present)
        assert read_prestashop(directory, sockets=(absent, present)).url.query == {"unix_socket": present}


@pytest.mark.parametrize(
    ("literal", "password"),
    [
        (r"'it\'s \\ \n $x'", r"it's \ \n $x"),
        (r'"a\"b\\c\$d\x41\101\u{e9}\q"', 'a"b\\c$dAAé\\q'),
        ('"costs $5"', "costs $5"),
        ("'// # /* => ,'", "// # /* => ,"),
        ("12345", "12345"),
        ("NULL", ""),
        ("''", ""),
    ],
)
def test_literals_as_php_reads_them(tmp_path: Path, literal: str, password: str) -> None:
    found = read_prestashop(shop_with(tmp_path, PARAMETERS, parameters(literal=literal)), sockets=())
    assert found.password == password


@pytest.mark.parametrize(
    "expression", ["getenv('DB_PASSWORD')", "'a' . 'b'", '"$secret"', '"{$secret}"', "$_ENV['X']", "DB_PASSWORD"]
)
def test_what_php_would_compute_is_refused_not_guessed(tmp_path: Path, expression: str) -> None:
    error = refusal(shop_with(tmp_path, PARAMETERS, parameters(literal=expression)))
    assert error.message.endswith("parameters.php computes database_password when PHP runs.")
    assert error.hint == "Give shop.url (and shop.password, shop.prefix) instead of shop.path."


def test_a_file_that_does_not_say_enough(tmp_path: Path) -> None:
    text = "<?php return ['parameters' => ['database_host' => 'h', 'database_user' => '']];"
    assert refusal(shop_with(tmp_path, PARAMETERS, text)).message.endswith("does not say the database's name, user.")


def test_a_directory_that_is_no_prestashop(tmp_path: Path) -> None:
    assert "it is not a PrestaShop directory" in refusal(tmp_path).message
    assert "it is not a PrestaShop directory" in refusal(tmp_path / "absent").message


def test_a_file_that_cannot_be_text(tmp_path: Path) -> None:
    shop_with(tmp_path, PARAMETERS, "")
    (tmp_path / PARAMETERS).write_bytes(b"\xff\xfe")
    assert "it is not UTF-8 text" in refusal(tmp_path).message


def test_no_refusal_repeats_what_the_file_holds(tmp_path: Path) -> None:
    error = refusal(shop_with(tmp_path, PARAMETERS, parameters(host="c4n4ry:99999", literal="'c4n4ry'")))
    assert "c4n4ry" not in f"{error.message} {error.hint}"
    assert "names a port that cannot be" in error.message


def test_shop_path_instead_of_shop_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = shop_with(tmp_path / "shop", PARAMETERS, parameters())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLLER_SHOP__PATH", str(directory))
    monkeypatch.setenv("POLLER_SEGMENT__WRITE_KEY", "key")
    shop = load_settings(None).shop
    assert shop.sqlalchemy_url().render_as_string(hide_password=False) == (
        "mysql+pymysql://ps_user:secret@db.example.com/boutique"
    )
    assert shop.prefix == "bq_"
    monkeypatch.setenv("POLLER_SHOP__PASSWORD", "another")
    monkeypatch.setenv("POLLER_SHOP__PREFIX", "p2_")
    assert load_settings(None).secrets() == ("key", "another")
    assert load_settings(None).shop.prefix == "p2_"
    monkeypatch.setenv("POLLER_SHOP__URL", "mysql://reader@replica.example.com/boutique")
    assert load_settings(None).shop.url.host == "replica.example.com"
    monkeypatch.delenv("POLLER_SHOP__URL")
    monkeypatch.setenv("POLLER_SHOP__PATH", str(tmp_path))
    with pytest.raises(ConfigurationError, match="it is not a PrestaShop directory"):
        load_settings(None)
