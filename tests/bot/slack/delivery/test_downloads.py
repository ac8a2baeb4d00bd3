"""The bot token is sent only to Slack."""

import pytest

from bot.slack.delivery.downloads import is_slack_url

SLACK = "https://slack.com/api/"
LOCAL = "http://127.0.0.1:9000/api/"


@pytest.mark.parametrize(
    ("url", "api", "right"),
    [
        ("https://files.slack.com/files-pri/T0-F0/download/a.pdf", SLACK, True),
        ("https://slack.com/files/a.pdf", SLACK, True),
        ("https://files.slack-gov.com/files-pri/T0-F0/a.pdf", "https://slack-gov.com/api/", True),
        ("https://files.slack.com/files-pri/T0-F0/a.pdf", "https://www.slack.com/api/", True),
        ("http://127.0.0.1:9000/files-pri/T0-F0/a.pdf", LOCAL, True),
        ("http://files.slack.com/files-pri/T0-F0/a.pdf", SLACK, False),
        ("https://files.slack.com:8443/a.pdf", SLACK, False),
        ("https://files.slack.com.evil.example.com/a.pdf", SLACK, False),
        ("https://evilslack.com/a.pdf", SLACK, False),
        ("https://evil.slack.com/a.pdf", SLACK, False),
        ("https://files.slack.com@evil.example.com/a.pdf", SLACK, False),
        ("https://evil.example.com\\@files.slack.com/a.pdf", SLACK, False),
        ("https://evil.example.com#@files.slack.com/", SLACK, False),
        ("https://user@files.slack.com/a.pdf", SLACK, False),
        ("http://127.0.0.1:9001/a.pdf", LOCAL, False),
        ("http://169.254.169.254/latest/meta-data", SLACK, False),
        ("file:///etc/passwd", SLACK, False),
        ("//files.slack.com/a.pdf", SLACK, False),
        ("https://files.slack.com:port/a.pdf", SLACK, False),
        ("https://[half/a.pdf", SLACK, False),
        ("", SLACK, False),
    ],
)
def test_the_token_is_sent_only_to_hosts_of_the_web_api(url, api, right):
    assert is_slack_url(url, api) is right
