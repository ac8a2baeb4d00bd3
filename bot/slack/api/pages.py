"""Reading a list of Slack's page by page: https://docs.slack.dev/apis/web-api/pagination."""

from collections.abc import AsyncIterator, Awaitable, Callable

from slack_sdk.web.async_slack_response import AsyncSlackResponse


async def read_pages(
    call: Callable[[str | None], Awaitable[AsyncSlackResponse]],
) -> AsyncIterator[AsyncSlackResponse]:
    """Every page of a list; `call` takes a cursor, None for the first page. An empty page need not be the last.

    Raises what `call` raises.
    """
    cursor: str | None = None
    while True:
        page = await call(cursor)
        yield page
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
        if cursor is None:
            return
