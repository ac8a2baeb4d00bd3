"""Reading a list of Slack's page by page: https://docs.slack.dev/apis/web-api/pagination."""

from collections.abc import AsyncIterator, Awaitable, Callable

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from casebook.errors import CasebookError


class TooManyPagesError(CasebookError):
    """The list has more pages than are read."""


async def read_pages(
    call: Callable[[str | None], Awaitable[AsyncSlackResponse]], *, most: int | None = None
) -> AsyncIterator[AsyncSlackResponse]:
    """Every page of a list; `call` takes a cursor, None for the first page. An empty page need not be the last.

    Raises what `call` raises, and TooManyPagesError after `most` pages if there are more.
    """
    cursor: str | None = None
    count = 0
    while True:
        page = await call(cursor)
        count += 1
        yield page
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
        if cursor is None:
            return
        if count == most:
            raise TooManyPagesError
