"""The people of a run: many generated customers, and the admins of the cast."""

from dataclasses import dataclass
from random import Random

from fixtures.cast import ANNA, BEN, CARLA, DORA, EMIL, FAYE, MAIL_CUSTOMERS, SECOND, SHARED, Channel, Person
from fixtures.workspace import Workspace

ADMINS = (ANNA, BEN, CARLA)


@dataclass(frozen=True, slots=True)
class Crowd:
    """The people who write; no admin ever answers the customers in `alone`."""

    customers: tuple[Person, ...]
    homes: dict[str, Channel]  # channel by user ID
    writers: tuple[str, ...]  # addresses of customers who write mail
    alone: frozenset[str]  # user IDs and addresses


def gather(workspace: Workspace, random: Random, *, on_slack: int, by_mail: int, alone: float = 0.3) -> Crowd:
    """Add this many customers to the shared channels of the workspace."""
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
