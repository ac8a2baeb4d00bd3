"""The steps of the Dockerfile, executed in an empty folder, build a complete Casebook that runs and stops."""

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from fixtures.builder import Image
from fixtures.stage import set_stage

pytestmark = pytest.mark.timeout(300)  # the first test builds the image, and may download packages

ROOT = Path(__file__).parents[2]
IMPORT_EVERYTHING = """
import importlib, pathlib, sys
import bot
root = pathlib.Path(sys.argv[1])
assert not pathlib.Path(bot.__file__).is_relative_to(root), "this is not what was installed"
paths = [path for package in ("bot", "casebook") for path in sorted((root / package).rglob("*.py"))]
names = [".".join(path.relative_to(root).with_suffix("").parts) for path in paths if path.name[0].isalpha()]
for name in names:
    importlib.import_module(name)
print(len(names))
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image that the Dockerfile builds; pip may use its cache."""
    image = Image(ROOT, tmp_path_factory.mktemp("image"))
    image.build(without=["PIP_NO_CACHE_DIR"])
    return image


def free_port() -> str:
    """A free port: HEALTHCHECK must know it, so it cannot be 0."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return str(taken.getsockname()[1])


@asynccontextmanager
async def started(image: Image, environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run CMD with the image's environment only."""
    process = await asyncio.create_subprocess_exec(
        *image.command,
        env={"PATH": image.path} | image.environment | environment,
        cwd=image.folder,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def health(image: Image, port: str) -> int:
    """The exit status of HEALTHCHECK."""
    process = await asyncio.create_subprocess_exec(
        *image.healthcheck,
        env={"PATH": image.path} | image.environment | {"PORT": port},
        cwd=image.folder,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()


def test_every_module_is_installed_and_can_be_imported(image):
    command = [f"{image.root}/usr/local/bin/python", "-P", "-c", IMPORT_EVERYTHING, str(ROOT)]
    imported = subprocess.run(command, check=True, capture_output=True, text=True, cwd=image.folder)

    assert int(imported.stdout) > 80


def test_no_package_of_the_tests_is_installed(image):
    listing = subprocess.run(
        [f"{image.root}/usr/local/bin/python", "-m", "pip", "list", "--format=freeze"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    names = {line.split("==")[0].lower() for line in listing.stdout.splitlines()}

    assert {"casebook", "slack-bolt", "peewee"} <= {name.replace("_", "-") for name in names}
    assert not names & {"pytest", "ruff", "mypy", "pymap", "hypothesis"}


async def test_it_runs_is_healthy_and_ends_at_sigterm_with_status_0(image, tmp_path):
    token = tmp_path / "slack_bot_token"
    port = free_port()
    async with set_stage() as stage:
        environment = stage.environment("", PORT=port)
        token.write_text(environment.pop("SLACK_BOT_TOKEN") + "\n", encoding="utf-8")
        del environment["DATABASE_URL"]  # the default is a file in the working directory, which is the volume
        before = await health(image, port)
        async with started(image, environment | {"SLACK_BOT_TOKEN_FILE": str(token)}) as process, asyncio.timeout(60):
            while await health(image, port) != 0:
                assert process.returncode is None, await process.stderr.read()
            process.terminate()
            log = (await process.stderr.read()).decode()
            status = await process.wait()

    assert before == 1
    assert status == 0
    assert "casebook is running" in log
    assert "Traceback" not in log
    assert (image.root / "var/lib/casebook/casebook.db").stat().st_size


async def test_a_missing_secret_ends_it_with_status_78_and_a_sentence(image, tmp_path):
    async with set_stage(mail=False) as stage:
        environment = stage.environment("")
        del environment["SLACK_BOT_TOKEN"]
        async with started(image, environment | {"SLACK_BOT_TOKEN_FILE": str(tmp_path / "none")}) as process:
            log = (await process.stderr.read()).decode()
            status = await process.wait()

    assert status == 78
    assert log == "SLACK_BOT_TOKEN_FILE must name a readable file in UTF-8 (No such file or directory).\n"
