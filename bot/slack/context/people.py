"""Looking up people on Slack: cached for minutes, and never with new permissions after a failure (design 3.2)."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.slack.api.errors import CALL_ERRORS, FailureKind, read_failure
from bot.slack.context.asked_once import AskedOnce
from bot.slack.context.membership import AdminRules, name_of, role_of
from bot.slack.context.permissions import Role
from casebook.errors import CasebookError

log = structlog.get_logger("casebook.slack")

CACHED_FOR = timedelta(minutes=5)
# Only one of two processes receives the event that somebody is no longer an admin; the other learns it after this.
ADMINS_CACHED_FOR = timedelta(seconds=60)
LAST_KNOWN_FOR = timedelta(hours=1)  # how old an answer may be if Slack gives no new one, for the author of a message
NAMES_SECONDS = 1.0  # how long names may delay an answer to a command or button
POST_NAMES_SECONDS = 5.0  # how long they may delay a post
MAX_NAMES = 30  # looked up at once
NAME_LOOKUPS_A_MINUTE = 40
LOOKUP_SECONDS = 2.0  # for a new answer about somebody in the cache; Slack expects an acknowledgement within three


class LookupFailedError(CasebookError):
    """Slack does not say who somebody is; the lookup is tried again later."""

    permanent = False


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on Slack."""

    user_id: str
    name: str
    role: Role
    team: str = ""
    picture: str = ""  # the URL of their picture

    @property
    def is_admin(self) -> bool:
        """Whether they belong to the support team."""
        return self.role is Role.ADMIN


async def find_group(client: AsyncWebClient, usergroup: str) -> str:
    """The ID of a user group by its ID or handle; raises LookupFailedError, or one of CALL_ERRORS."""
    handle = usergroup.removeprefix("@")
    for group in (await client.usergroups_list())["usergroups"]:
        if handle in (group["id"], group.get("handle")):
            return str(group["id"])
    raise LookupFailedError(f"ADMIN_SLACK_USERGROUP names {handle}, and Slack knows no such user group.")


class People:
    """Looks up people, at most once in five minutes; admins, and people who press or command, once a minute."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        home_team: str,
        rules: AdminRules,
        clock: Clock,
        lookup_seconds: float = LOOKUP_SECONDS,
    ) -> None:
        self._lookup_seconds = lookup_seconds
        self._client = client
        self._home_team = home_team
        self._rules = rules
        self._clock = clock
        self._known: dict[str, tuple[datetime, Person]] = {}
        self._group: tuple[datetime, frozenset[str]] | None = None
        self._outdated: set[str] = set()  # people who changed while they were being looked up
        self._group_is_outdated = False
        self._name_lookups: list[float] = []  # when somebody was looked up only for their name, in monotonic seconds
        self._calls = AskedOnce()

    async def look_up(self, user_id: str) -> Person:
        """Look up the author of a message; somebody whom Slack does not know is a customer without a name.

        If Slack does not answer, an answer of the last hour is used, also for an admin: the message shows that they are
        still in the workspace, and taking it for a customer's could not be undone. Raises LookupFailedError if there is
        no such answer; Slack then sends the message again, or it is found by reading back.
        """
        known = self._known.get(user_id)
        if known is None or self._clock.now() - known[0] >= LAST_KNOWN_FOR:
            return await self._refreshed(user_id)
        try:
            async with asyncio.timeout(self._lookup_seconds):
                return await self._refreshed(user_id)
        except (LookupFailedError, TimeoutError):
            log.warning("lookup of a person failed, cached answer used", cached_at=known[0].isoformat())
            return known[1]

    async def _refreshed(self, user_id: str, *, for_action: bool = False) -> Person:
        """The cached answer if it is recent enough, otherwise a new one; raises LookupFailedError."""
        known = self._known.get(user_id)
        if known and self._is_fresh(known[0], ADMINS_CACHED_FOR if for_action or known[1].is_admin else CACHED_FOR):
            return known[1]
        return await self._calls.ask(user_id, lambda: self._fetch(user_id))

    async def _fetch(self, user_id: str) -> Person:
        while True:
            self._outdated.discard(user_id)
            person = await self._person(user_id)
            if user_id not in self._outdated:
                self._known[user_id] = (self._clock.now(), person)
                return person

    async def _person(self, user_id: str) -> Person:
        user = await self._user(user_id)
        group = await self._group_members() if user and self._rules.usergroup else frozenset()
        role = Role.CUSTOMER
        if user:
            role = role_of(user, home_team=self._home_team, rules=self._rules, in_group=user_id in group)
        picture = str((user.get("profile") or {}).get("image_72") or "")
        return Person(user_id, name_of(user) if user else "", role, str(user.get("team_id", "")), picture)

    async def look_up_for_action(self, user_id: str) -> Person:
        """Look up somebody who presses or commands something; Role.GONE if Slack does not answer in time.

        They can try again, whereas the author of a message does not write it again; and Slack waits only three seconds
        for the acknowledgement.
        """
        try:
            async with asyncio.timeout(self._lookup_seconds):
                return await self._refreshed(user_id, for_action=True)
        except (LookupFailedError, TimeoutError):
            return Person(user_id, "", Role.GONE)

    async def names(self, user_ids: Iterable[str | None], *, within: float = NAMES_SECONDS) -> dict[str, str]:
        """The names of these people, by ID.

        The name of an email address, of somebody whom Slack does not know, or of somebody whom it does not describe
        `within` so many seconds is the ID itself.
        """
        wanted = {user_id for user_id in user_ids if user_id}
        people = sorted(each for each in wanted if "@" not in each and "/" not in each and each.startswith(("U", "W")))
        unknown = [each for each in people if not self._is_cached(each)][:MAX_NAMES]
        try:
            async with asyncio.timeout(within):
                await asyncio.gather(*(self.look_up(each) for each in unknown), return_exceptions=True)
        except TimeoutError:
            log.warning("lookup of names timed out", people=len(unknown))
        found = self.cached(people)
        return {each: (found[each].name if each in found else "") or each for each in wanted}

    async def look_up_all(self, user_ids: Iterable[str]) -> None:
        """Look up all of these people at once, so that they are in the cache; raises LookupFailedError."""
        found = await asyncio.gather(*(self.look_up(each) for each in user_ids), return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException):
                raise each

    def cached(self, user_ids: Iterable[str]) -> dict[str, Person]:
        """Those of these people who are in the cache, by ID, however old the answer: for their names."""
        return {each: self._known[each][1] for each in user_ids if each in self._known}

    async def look_up_names(self, user_ids: Iterable[str]) -> None:
        """Look up people only for their names, at most NAME_LOOKUPS_A_MINUTE.

        Slack allows about a hundred calls of users.info a minute, and the authors of messages need the rest.
        """
        for user_id in user_ids:
            now = self._clock.monotonic()
            self._name_lookups = [at for at in self._name_lookups if now - at < 60]
            if len(self._name_lookups) >= NAME_LOOKUPS_A_MINUTE:
                return
            self._name_lookups.append(now)
            try:
                await self._refreshed(user_id)
            except LookupFailedError:
                return

    def _is_cached(self, user_id: str) -> bool:
        known = self._known.get(user_id)
        return known is not None and self._is_fresh(known[0])

    def admins(self) -> frozenset[str]:
        """The IDs of the admins in the cache, however old the answer."""
        return frozenset(each for each, (_, person) in self._known.items() if person.is_admin)

    def forget(self, user_id: str) -> None:
        """Look somebody up again next time, because they have changed; a running lookup is repeated."""
        self._known.pop(user_id, None)
        if user_id in self._calls:
            self._outdated.add(user_id)

    def forget_group(self) -> None:
        """Look the user group and all admins up again next time, because its members have changed."""
        self._group = None
        self._group_is_outdated = True
        for user_id in [*self._calls, *self.admins()]:
            self.forget(user_id)

    async def _user(self, user_id: str) -> dict[str, Any]:
        try:
            answer = await self._client.users_info(user=user_id)
        except CALL_ERRORS as error:
            failure = read_failure(error)
            if failure.kind is FailureKind.REFUSED and failure.error in ("user_not_found", "user_not_visible"):
                return {}
            raise LookupFailedError(f"Slack does not say who {user_id} is: {failure.error}") from error
        user: dict[str, Any] = answer["user"]
        return user

    async def _group_members(self) -> frozenset[str]:
        if self._group and self._is_fresh(self._group[0], ADMINS_CACHED_FOR):
            return self._group[1]
        return await self._calls.ask("user group", self._look_up_group)

    async def _look_up_group(self) -> frozenset[str]:
        self._group_is_outdated = False
        try:
            group_id = await find_group(self._client, self._rules.usergroup)
            answer = await self._client.usergroups_users_list(usergroup=group_id)
        except CALL_ERRORS as error:
            failure = read_failure(error)
            raise LookupFailedError(f"Slack does not say who is in the user group: {failure.error}") from error
        members = frozenset(answer["users"])
        if not self._group_is_outdated:
            self._group = (self._clock.now(), members)
        return members

    def _is_fresh(self, at: datetime, lifetime: timedelta = CACHED_FOR) -> bool:
        return self._clock.now() - at < lifetime
