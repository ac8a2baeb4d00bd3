"""What the page about deploying shows fits the files that it is about."""

import re

from bot.settings import read_settings
from tests.papers.page import ROOT, code, deploy
from tests.papers.test_settings import NEEDED

CONTAINER = deploy().section("In a container")
UNIT = deploy().section("Under systemd")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_page_has_every_secret_of_the_compose_files_written_to_a_file():
    wanted = set(re.findall(r"/run/secrets/(\w+)", read("compose.yaml") + read("compose.prod.yaml")))
    shown = "\n".join(CONTAINER.blocks())
    written = {name for name in wanted if re.search(rf"secrets/{name}\b|# .*\b{name}\b", shown)}

    assert wanted
    assert written == wanted


def test_the_page_has_every_secret_of_the_unit_written_to_a_file():
    wanted = set(re.findall(r"LoadCredential=\w+:/etc/casebook/(\w+)", read("deploy/casebook.service")))

    assert wanted
    assert all(name in UNIT.text for name in wanted)


def test_the_user_who_must_read_the_secrets_is_the_one_of_the_container():
    (user,) = re.findall(r"(?m)^USER (\d+)", read("Dockerfile"))

    assert f"the user {user} in the container" in CONTAINER.text


def test_the_time_that_a_supervisor_waits_is_that_of_the_files_that_are_there():
    assert "waits 15 seconds" in deploy().text
    assert "stop_grace_period: 15s" in read("compose.yaml")
    assert "TimeoutStopSec=15" in read("deploy/casebook.service")


def test_the_settings_of_the_proxy_are_ones_that_casebook_takes(tmp_path):
    lines = [
        words for words in code(deploy().section("Behind a proxy").text) if re.match(r"(?:HTTPS|NO)_PROXY=", words)
    ]

    read_settings(NEEDED | dict(line.split("=", 1) for line in lines), tmp_path)

    assert len(lines) == 2
