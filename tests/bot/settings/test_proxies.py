"""HTTPS_PROXY, HTTP_PROXY and NO_PROXY work as in other programs."""

import pytest

from bot.settings import SettingsError, read_settings
from bot.settings.kinds import Secret
from bot.settings.proxies import DIRECT, Proxies

NEEDED = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SUPPORT_SLACK_CHANNEL": "#support",
    "ALERTING_SLACK_CHANNEL": "#alerts",
    "LOGGING_SLACK_CHANNEL": "#log",
}
HTTPS, HTTP = "http://secure.example.org:3128", "http://plain.example.org:3128"


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://slack.com/api/", HTTPS),
        ("wss://wss-primary.slack.com/link/?ticket=1", HTTPS),
        ("https://files.slack.com:8443/a.pdf", HTTPS),
        ("http://127.0.0.1:9000/api/", HTTP),
        ("ws://127.0.0.1:9000/link/", HTTP),
        ("ftp://slack.com/", None),
        ("https://[half/", None),
        ("https://slack.com:port/", None),
        ("", None),
    ],
)
def test_each_scheme_has_its_proxy_and_a_socket_that_of_its_pages(url, proxy):
    assert Proxies(https=Secret(HTTPS), http=Secret(HTTP)).of(url) == proxy
    assert DIRECT.of(url) is None


@pytest.mark.parametrize(
    ("entries", "host", "direct"),
    [
        ("slack.com", "slack.com", True),
        ("slack.com", "files.slack.com", True),
        (".slack.com", "files.slack.com", True),
        ("*.slack.com", "files.slack.com", True),
        (".slack.com", "slack.com", True),
        ("SLACK.com", "slack.com", True),
        ("slack.com", "notslack.com", False),
        ("slack.com", "slack.com.example.org", False),
        ("files.slack.com", "slack.com", False),
        ("*", "slack.com", True),
        ("", "slack.com", False),
        (", ,", "slack.com", False),
        ("example.org, slack.com", "slack.com", True),
        ("example.org slack.com", "slack.com", True),
        ("slack.com:443", "slack.com", True),
        ("slack.com:8443", "slack.com", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.0/8", "127.0.0.1", True),
        ("10.0.0.0/8", "127.0.0.1", False),
        ("0.0.0.1", "10.0.0.1", False),
        ("::1", "[::1]", True),
        ("[::1]", "[::1]", True),
        ("[::1]:443", "[::1]", True),
        ("[::1]:80", "[::1]", False),
        ("fd00::/8", "[fd00::5]", True),
        (".", "slack.com", False),
        ("a:b:c/x", "slack.com", False),
        ("slack.com:port", "slack.com", False),
    ],
)
def test_addresses_that_are_reached_without_a_proxy(entries, host, direct):
    proxies = Proxies(https=Secret(HTTPS), none_for=entries)

    assert (proxies.of(f"https://{host}/") is None) is direct


@pytest.mark.parametrize(
    ("environ", "env_file", "https", "none_for"),
    [
        ({"HTTPS_PROXY": HTTPS}, "", HTTPS, ""),
        ({"https_proxy": HTTPS}, "", HTTPS, ""),
        ({"https_proxy": HTTPS, "HTTPS_PROXY": HTTP}, "", HTTPS, ""),
        ({}, f"HTTPS_PROXY={HTTPS}\nno_proxy=example.org\n", HTTPS, "example.org"),
        ({"https_proxy": HTTPS}, f"HTTPS_PROXY={HTTP}\n", HTTPS, ""),
        ({"HTTPS_PROXY": ""}, f"HTTPS_PROXY={HTTPS}\n", None, ""),
        ({"HTTPS_PROXY": "secure.example.org:3128"}, "", HTTPS, ""),
        ({"no_proxy": "a", "NO_PROXY": "b"}, "", None, "a"),
    ],
)
def test_they_are_read_like_other_settings_and_lower_case_names_take_precedence(
    tmp_path, environ, env_file, https, none_for
):
    (tmp_path / ".env").write_text(env_file, encoding="utf-8")

    settings = read_settings(NEEDED | environ, tmp_path)

    assert settings.proxies.of("https://slack.com/") == https
    assert settings.no_proxy == none_for
    assert not any("PROXY" in remark.upper() for remark in settings.remarks)


@pytest.mark.parametrize(
    "wrong", ["socks5://127.0.0.1:1080", "http://@", "a b", "http://h:99999", "http://h/path", "h:x"]
)
def test_an_invalid_proxy_is_reported_without_its_value(tmp_path, wrong):
    with pytest.raises(SettingsError) as caught:
        read_settings(NEEDED | {"HTTPS_PROXY": wrong}, tmp_path)

    (problem,) = caught.value.problems
    assert problem.startswith("HTTPS_PROXY must be the address of an HTTP proxy")
    assert wrong not in problem


@pytest.mark.parametrize("url", ["http://me:geh%40eim@proxy.example.org:3128", "me:geh%40eim@proxy.example.org:3128"])
def test_the_password_of_a_proxy_is_a_secret(tmp_path, url):
    settings = read_settings(NEEDED | {"HTTPS_PROXY": url}, tmp_path)

    assert {"geh%40eim", "geh@eim"} <= set(settings.secrets)
    assert "eim" not in repr(settings)
    assert "eim" not in repr(settings.proxies)
