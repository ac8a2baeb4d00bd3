"""The people of a run: many customers, made after the cast, and the admins of the cast."""

from dataclasses import dataclass
from random import Random

from fixtures.cast import ANNA, BEN, CARLA, DORA, EMIL, FAYE, MAIL_CUSTOMERS, SECOND, SHARED, Channel, Person
from fixtures.workspace import Workspace

ADMINS = (ANNA, BEN, CARLA)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who writes; `alone` are customers whom no admin ever answers."""

    customers: tuple[Person, ...]
    homes: dict[str, Channel]  # the channel of each, by user ID
    writers: tuple[str, ...]  # addresses of customers by mail
    alone: frozenset[str]  # user IDs and addresses


def gather(workspace: Workspace, random: Random, *, on_slack: int, by_mail: int, alone: float = 0.3) -> Crowd:
    """Bring so many customers into the workspace's shared channels."""
    customers, homes = [], {}
    for number in range(on_slack):
        like = (DORA, EMIL, FAYE)[number % 3]
        name, _, domain = like.email.partition("@")
        user_id = f"U0{like.user_id[2:6]}{number:04d}"
        person = Person(user_id, f"{like.name} {number}", f"{name}{number}@{domain}", team=like.team)
        homes[user_id] = (SHARED, SECOND)[number % 2]
        workspace.add_person(person, homes[user_id])
        customers.append(person)
    writers = []
    for number in range(by_mail):
        name, _, domain = MAIL_CUSTOMERS[number % 3].partition("@")
        writers.append(f"{name}{number}@{domain}")
    everybody = [person.user_id for person in customers] + writers
    left = random.sample(everybody, round(alone * len(everybody)))
    return Crowd(tuple(customers), homes, tuple(writers), frozenset(left))
