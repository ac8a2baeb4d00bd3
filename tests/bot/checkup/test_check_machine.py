"""The checks of this machine."""

import asyncio
import socket
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.checkup.machine import check_attachments, check_program, check_web_port, file_system, space_finding
from bot.reports.findings import Verdict

FOLDER = Path("/somewhere")


async def only(findings):
    """The one finding of a check."""
    (finding,) = [finding async for finding in findings]
    return finding


@pytest.fixture
async def session():
    """A client for the web port."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def serve():
    """Serves JSON at /health, and returns the port."""
    runners = []

    async def start(answer):
        async def health(_request):
            return web.json_response(answer)

        app = web.Application()
        app.router.add_get("/health", health)
        runner = web.AppRunner(app)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner.addresses[0][1]

    yield start
    for runner in runners:
        await runner.cleanup()


async def test_the_program_reports_its_versions():
    finding = await only(check_program())

    assert finding.state is Verdict.OK
    assert "Python 3." in finding.found


async def test_a_free_port_is_good_and_free_afterwards(session):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    for _ in range(2):
        assert (await only(check_web_port("127.0.0.1", port, session))).state is Verdict.OK


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"status": "healthy", "services": {}}, Verdict.OK),
        ({"status": "unhealthy", "services": {}}, Verdict.WARNING),
        ({"message": "hello"}, Verdict.FAILED),
        (["hello"], Verdict.FAILED),
    ],
)
async def test_a_port_in_use_is_good_where_a_bot_answers(session, serve, answer, state):
    port = await serve(answer)

    assert (await only(check_web_port("127.0.0.1", port, session))).state is state


async def test_a_port_where_connections_are_closed_at_once_is_in_use(session):
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        finding = await only(check_web_port("127.0.0.1", server.sockets[0].getsockname()[1], session))

    assert finding.state is Verdict.FAILED
    assert "something else listens" in finding.found


async def test_an_address_of_another_machine_is_reported(session):
    finding = await only(check_web_port("192.0.2.1", 8000, session))

    assert finding.state is Verdict.FAILED
    assert "EADDRNOTAVAIL" in finding.found


@pytest.mark.parametrize(
    ("free", "state"), [(5_000_000_000, Verdict.OK), (999_999_999, Verdict.WARNING), (49_999_999, Verdict.FAILED)]
)
def test_little_space_is_a_warning_and_none_a_failure(free, state):
    assert space_finding("free space", FOLDER, free).state is state


def test_the_file_system_is_that_of_the_nearest_mount(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/books {tmp_path} nfs4 rw 0 0\n", encoding="utf-8")

    assert file_system(tmp_path / "deep" / "down", mounts) == "nfs4"
    assert file_system(Path("/"), mounts) == "ext4"
    assert file_system(tmp_path, tmp_path / "no mounts") == ""


async def test_a_missing_attachments_folder_is_no_fault_and_is_not_created(tmp_path):
    finding = await only(check_attachments(tmp_path / "kept" / "here"))

    assert finding.state in (Verdict.OK, Verdict.WARNING)
    assert list(tmp_path.iterdir()) == []


async def test_a_file_in_the_place_of_the_attachments_folder_is_reported(tmp_path):
    (tmp_path / "kept").write_text("a file", encoding="utf-8")

    assert (await only(check_attachments(tmp_path / "kept" / "here"))).state is Verdict.FAILED


async def test_without_an_attachments_folder_the_check_is_skipped():
    assert (await only(check_attachments(None))).state is Verdict.SKIPPED
