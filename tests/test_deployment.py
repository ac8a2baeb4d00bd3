"""The Dockerfile, the compose files and the systemd unit agree with the code; what needs tools is in deploy/checks."""

import re
from pathlib import Path

import pytest

from bot.main import WRONG_SETTINGS
from bot.settings import SECRETS
from bot.web import ADDRESSES
from fixtures.builder import Instruction, read_dockerfile

ROOT = Path(__file__).parents[1]
DOCKERFILE = read_dockerfile((ROOT / "Dockerfile").read_text(encoding="utf-8"))
UNIT = (ROOT / "deploy/casebook.service").read_text(encoding="utf-8")
COMPOSE = ["compose.yaml", "compose.prod.yaml"]


def the(word: str) -> Instruction:
    """The last one counts, as for an engine."""
    return [each for each in DOCKERFILE if each.word == word][-1]


def test_the_image_starts_what_the_procfile_starts_and_signals_reach_it():
    procfile = (ROOT / "Procfile").read_text(encoding="utf-8")

    assert the("CMD").arguments == procfile.removeprefix("worker:").split()


def test_the_image_runs_as_a_user_of_its_own_in_its_volume():
    assert the("USER").text == "10001:10001"
    assert the("WORKDIR").text == the("VOLUME").text


def test_the_image_is_asked_whether_it_lives_and_not_whether_slack_does():
    (address,) = [address for address in ADDRESSES if address in the("HEALTHCHECK").arguments[-1]]

    assert address == "/live"


def test_what_is_copied_into_the_image_reaches_the_builder_and_nothing_else_does():
    copied = {name for each in DOCKERFILE if each.word == "COPY" for name in each.text.split()[:-1]}
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == copied
    assert [line for line in lines if line[0] not in "#!"] == ["*", "**/__pycache__"]
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_a_backslash_and_a_comment_within_an_instruction_are_no_part_of_it():
    read = read_dockerfile('# syntax\nRUN a \\\n    # why\n    b\nHEALTHCHECK --interval=1s \\\n    CMD ["c", "d"]\n')

    assert [(each.word, each.text) for each in read] == [("RUN", "a b"), ("HEALTHCHECK", '["c", "d"]')]
    assert read[1].arguments == ["c", "d"]


def test_systemd_does_not_try_wrong_settings_again_and_waits_longer_than_a_stop_takes():
    assert f"\nRestartPreventExitStatus={WRONG_SETTINGS}\n" in UNIT
    assert int(re.search(r"\nTimeoutStopSec=(\d+)\n", UNIT)[1]) > 10


@pytest.mark.parametrize("name", [*COMPOSE, "deploy/casebook.service"])
def test_no_secret_stands_in_a_deployment_file_and_every_file_of_one_is_a_setting(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    given = dict(re.findall(r"(?m)^ *(?:Environment=)?([A-Z_]+)(?:: |=)(.*)$", text))
    files = {key.removesuffix("_FILE") for key in given if key.endswith("_FILE")} - {"POSTGRES_PASSWORD"}

    assert {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "IMAP_PASSWORD"} <= files <= SECRETS
    assert {key: value for key, value in given.items() if key in SECRETS} in (
        {},
        {"DATABASE_URL": "sqlite:////var/lib/casebook/casebook.db"},
    )


@pytest.mark.parametrize("name", COMPOSE)
def test_a_container_is_given_longer_than_a_stop_takes(name):
    graces = re.findall(r"stop_grace_period: (\d+)s", (ROOT / name).read_text(encoding="utf-8"))

    assert graces
    assert all(int(seconds) > 10 for seconds in graces)


def test_systemd_does_not_stop_everything_when_a_mail_takes_all_memory():
    assert "\nOOMPolicy=continue\n" in UNIT
