"""Logins: secrets stay hidden, tokens come from a command, errors say what to do."""

import asyncio
import base64
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.mail.imap.account import ImapAccount, TokenCommandError, TokenRefusedError
from bot.mail.imap.session import MailServerError, Session


def account(**changes) -> ImapAccount:
    return ImapAccount(**{"server": "127.0.0.1", "address": "support@casebook.example.org", "tls": False} | changes)


def printing(text: str) -> str:
    return f"{sys.executable} -c \"print('{text}')\""


@asynccontextmanager
async def oauth_server(token: str) -> AsyncIterator[int]:
    """A server with just enough IMAP for XOAUTH2; answers a wrong token like Gmail: with a challenge, then nothing."""
    wanted = f"user=support@casebook.example.org\1auth=Bearer {token}\1\1"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, command, *rest = line.decode().split()
            if command == "AUTHENTICATE" and base64.b64decode(rest[1]).decode() != wanted:
                writer.write(b"+ eyJzdGF0dXMiOiI0MDAifQ==\r\n")
                continue
            if command == "CAPABILITY":
                writer.write(b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n")
            if command == "SELECT":
                writer.write(b"* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 12] next\r\n")
            writer.write(f"{tag} OK done\r\n".encode())

    tasks: list[asyncio.Task[None]] = []
    writers: list[asyncio.StreamWriter] = []

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        tasks.append(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)


def test_no_secret_shows_in_the_repr():
    shown = repr(account(password="open sesame", token_command="print-token --key hidden"))

    assert "sesame" not in shown
    assert "hidden" not in shown


async def test_a_token_is_what_the_command_prints():
    assert await account(token_command=printing("abc")).token() == "abc"


@pytest.mark.parametrize(
    "command", ["/no/such/program", "'unbalanced", f"{sys.executable} -c 'raise SystemExit(3)'", printing("")]
)
async def test_a_token_command_that_gives_no_token_says_so(command):
    with pytest.raises(TokenCommandError, match="IMAP_TOKEN_COMMAND"):
        await account(token_command=command).token()


async def test_a_token_opens_the_folder():
    async with oauth_server("abc") as port:
        session = await Session.open(
            account(port=port, token_command=printing("abc")), answer_within=2, heard=lambda: None
        )
        await session.close()

    assert (session.uid_validity, session.next_uid) == (7, 12)
    assert not session.can_idle


async def test_a_refused_token_is_a_refused_login_not_a_silent_server():
    async with oauth_server("abc") as port:
        with pytest.raises(TokenRefusedError, match="IMAP_TOKEN_COMMAND"):
            await Session.open(account(port=port, token_command=printing("old")), answer_within=0.2, heard=lambda: None)


async def test_a_server_that_is_not_there_is_said_to_be_so():
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()

    with pytest.raises(MailServerError, match="cannot be reached"):
        await Session.open(account(port=port, password="x"), answer_within=2, heard=lambda: None)
