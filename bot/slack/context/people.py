"""Who somebody on Slack is: looked up, kept for minutes, and on failure nobody with new power (design 3.2)."""

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

KEPT = timedelta(minutes=5)
# Of two processes only one hears that somebody is no admin any more; the other one knows it after this.
POWER_KEPT = timedelta(seconds=60)
BELIEVED = timedelta(hours=1)  # an answer this old is better than none, for what somebody writes
NAMES_SECONDS = 1.0  # for the names in an answer that somebody waits for
UNHURRIED = 5.0  # for those in a post
MOST_NAMES = 30  # that are asked for at once
IN_PASSING_A_MINUTE = 40
PATIENCE_SECONDS = 2.0  # for a fresh answer about somebody who is known; Slack gives an event three seconds


class LookupFailedError(CasebookError):
    """Slack does not say who somebody is; the same question will be asked again."""

    permanent = False


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on Slack."""

    user_id: str
    name: str
    role: Role
    team: str = ""
    picture: str = ""  # the address of their picture

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
    """Asks Slack who somebody is, at most once in five minutes; who has power, or asks for it, once a minute."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        home_team: str,
        rules: AdminRules,
        clock: Clock,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._patience = patience
        self._client = client
        self._home_team = home_team
        self._rules = rules
        self._clock = clock
        self._known: dict[str, tuple[datetime, Person]] = {}
        self._group: tuple[datetime, frozenset[str]] | None = None
        self._outdated: set[str] = set()  # of whom it was told that they have changed
        self._group_is_outdated = False
        self._passing: list[float] = []  # when somebody was asked for in passing, by the monotonic clock
        self._asked = AskedOnce()

    async def who(self, user_id: str) -> Person:
        """Who the writer of a message is; somebody whom Slack does not know is a customer without a name.

        Where Slack does not answer, they are who they were within the last hour, an admin too: the message itself
        shows that they are still in the workspace, and as a customer's it would do harm that nobody could mend. Raises
        LookupFailedError for others; their message comes again, by Slack or by reading back.
        """
        known = self._known.get(user_id)
        if known is None or self._clock.now() - known[0] >= BELIEVED:
            return await self._asked_anew(user_id)
        try:
            async with asyncio.timeout(self._patience):
                return await self._asked_anew(user_id)
        except (LookupFailedError, TimeoutError):
            log.warning("slack does not say who somebody is; they are who they were", asked_at=known[0].isoformat())
            return known[1]

    async def _asked_anew(self, user_id: str, *, for_power: bool = False) -> Person:
        """Who this is by an answer that is young enough; raises LookupFailedError."""
        known = self._known.get(user_id)
        if known and self._is_fresh(known[0], POWER_KEPT if for_power or known[1].is_admin else KEPT):
            return known[1]
        return await self._asked.ask(user_id, lambda: self._look_up(user_id))

    async def _look_up(self, user_id: str) -> Person:
        while True:
            self._outdated.discard(user_id)
            person = await self._described(user_id)
            if user_id not in self._outdated:
                self._known[user_id] = (self._clock.now(), person)
                return person

    async def _described(self, user_id: str) -> Person:
        user = await self._ask(user_id)
        group = await self._group_members() if user and self._rules.usergroup else frozenset()
        role = Role.CUSTOMER
        if user:
            role = role_of(user, home_team=self._home_team, rules=self._rules, in_group=user_id in group)
        picture = str((user.get("profile") or {}).get("image_72") or "")
        return Person(user_id, name_of(user) if user else "", role, str(user.get("team_id", "")), picture)

    async def who_may(self, user_id: str) -> Person:
        """The same where power is asked for: without an answer from Slack the answer is no.

        A button can be pressed again when Slack answers; a message is not written again. Nor is Slack waited for longer
        than the press itself may wait.
        """
        try:
            async with asyncio.timeout(self._patience):
                return await self._asked_anew(user_id, for_power=True)
        except (LookupFailedError, TimeoutError):
            return Person(user_id, "", Role.GONE)

    async def names(self, user_ids: Iterable[str | None], *, within: float = NAMES_SECONDS) -> dict[str, str]:
        """The names of these people, by ID; addresses and people whom Slack does not know stay as they are.

        So do those of whom Slack does not tell `within` so many seconds: the next time they are known.
        """
        wanted = {user_id for user_id in user_ids if user_id}
        people = sorted(each for each in wanted if "@" not in each and "/" not in each and each.startswith(("U", "W")))
        unknown = [each for each in people if not self._is_known(each)][:MOST_NAMES]
        try:
            async with asyncio.timeout(within):
                await asyncio.gather(*(self.who(each) for each in unknown), return_exceptions=True)
        except TimeoutError:
            log.warning("slack does not say in time who people are", asked=len(unknown))
        found = self.remembered(people)
        return {each: (found[each].name if each in found else "") or each for each in wanted}

    async def all_of(self, user_ids: Iterable[str]) -> None:
        """Know all of these people, asked for at once; raises LookupFailedError where one of them is not told."""
        found = await asyncio.gather(*(self.who(each) for each in user_ids), return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException):
                raise each

    def remembered(self, user_ids: Iterable[str]) -> dict[str, Person]:
        """Those of these people whom we know, by ID, however long ago we asked: for their names."""
        return {each: self._known[each][1] for each in user_ids if each in self._known}

    async def in_passing(self, user_ids: Iterable[str]) -> None:
        """Get to know these people for their names alone, as far as Slack's limit is not needed for better things.

        Slack says about a hundred times a minute who somebody is, and must be asked for everybody who writes.
        """
        for user_id in user_ids:
            now = self._clock.monotonic()
            self._passing = [at for at in self._passing if now - at < 60]
            if len(self._passing) >= IN_PASSING_A_MINUTE:
                return
            self._passing.append(now)
            try:
                await self._asked_anew(user_id)
            except LookupFailedError:
                return

    def _is_known(self, user_id: str) -> bool:
        known = self._known.get(user_id)
        return known is not None and self._is_fresh(known[0])

    def admins(self) -> frozenset[str]:
        """The IDs of those whom we know as admins, however long ago we asked."""
        return frozenset(each for each, (_, person) in self._known.items() if person.is_admin)

    def forget(self, user_id: str) -> None:
        """Ask again the next time; what is being asked at this moment may have been answered too early."""
        self._known.pop(user_id, None)
        if user_id in self._asked:
            self._outdated.add(user_id)

    def forget_group(self) -> None:
        """Who is in the user group has changed: ask again for it, and for everybody who has power."""
        self._group = None
        self._group_is_outdated = True
        for user_id in [*self._asked, *self.admins()]:
            self.forget(user_id)

    async def _ask(self, user_id: str) -> dict[str, Any]:
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
        if self._group and self._is_fresh(self._group[0], POWER_KEPT):
            return self._group[1]
        return await self._asked.ask("the user group", self._ask_for_group)

    async def _ask_for_group(self) -> frozenset[str]:
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

    def _is_fresh(self, at: datetime, kept: timedelta = KEPT) -> bool:
        return self._clock.now() - at < kept
