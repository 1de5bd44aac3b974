"""A home with made-up people: clear names in the restricted store, and staging that names them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import yaml

from saydo.settings import Settings

SYLLABLES = ("an", "bel", "cor", "da", "el", "fi", "gor", "ha", "il", "jun", "ka", "lor", "mi")

CLEAR = pa.schema(
    [("account_key", pa.string()), ("batch", pa.string()), ("updated_at", pa.timestamp("us"))]
    + [(name, pa.string()) for name in ("given_name", "family_name", "street", "postcode", "city")]
    + [("birth_date", pa.date32())]
)
CONTACTS = pa.schema(
    [(name, pa.string()) for name in ("id_type", "id_key", "account_key", "clear_value")]
)
HELD = pa.schema([(name, pa.string()) for name in ("id_type", "id_key", "account_key")])


def word(rng: random.Random, syllables: int) -> str:
    """A name that nobody has."""
    return "".join(rng.choice(SYLLABLES) for _ in range(syllables)).capitalize()


def mistyped(rng: random.Random, text: str) -> str:
    """One letter of it replaced."""
    place = rng.randrange(len(text))
    return text[:place] + rng.choice("aeioutrn") + text[place + 1 :]


@dataclass
class People:
    """Persons in households, some with a second account that has a typing error or a gap."""

    seed: int = 1
    rows: list[dict] = field(default_factory=list)
    person: dict[str, int] = field(default_factory=dict)  # account_key to person
    household: dict[str, int] = field(default_factory=dict)

    def fill(self, households: int) -> People:
        """Two adults, of one family name and address, in every third; a quarter come twice."""
        rng = random.Random(self.seed)
        given = [word(rng, 2) for _ in range(150)]
        family = [word(rng, 3) for _ in range(400)]
        number = 0
        for household in range(households):
            home = {
                "family_name": rng.choice(family),
                "street": f"{rng.randint(1, 180)} {word(rng, 3)} Road",
                "postcode": f"Q{household // 7:05}",
                "city": f"City{household % 9}",
            }
            for _ in range(2 if household % 3 == 0 else 1):
                number += 1
                born = date(1940, 1, 1) + timedelta(days=rng.randrange(23_000))
                me = home | {"given_name": rng.choice(given), "birth_date": born}
                me["emails"] = [f"{me['given_name'].lower()}ius{number:05}@mail.example"]
                self.add(f"p{number:05}-0", number, household, me)
                if rng.random() < 0.25:
                    self.add(f"p{number:05}-1", number, household, self._again(rng, me))
        return self

    def add(self, key: str, person: int, household: int, attributes: dict) -> None:
        """One account."""
        self.rows.append({"account_key": key, "batch": "crm-1", "updated_at": None} | attributes)
        self.person[key], self.household[key] = person, household

    @staticmethod
    def _again(rng: random.Random, me: dict) -> dict:
        changed = dict(me)
        (email,) = me["emails"]
        if int(email[-18:-13]) % 3 == 0:
            changed["emails"] = [email[0] + email[2:]]
        fault = rng.random()
        if fault < 0.15:
            changed["given_name"] = mistyped(rng, me["given_name"])
        elif fault < 0.25:
            changed["street"] = mistyped(rng, me["street"])
        elif fault < 0.30:
            changed["birth_date"] = None
        return changed


def make_home(folder: Path, people: People, shuffle: int | None = None, **policy) -> Settings:
    """Settings of a home that holds the people; `shuffle` brings them in another order."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.yml").write_text(yaml.safe_dump({"linkage": {"is_on": True} | policy}))
    settings = Settings(
        home=folder, policy_file=folder / "policy.yml", threads=2, memory_limit="1GB"
    )
    rows = list(people.rows)
    if shuffle is not None:
        random.Random(shuffle).shuffle(rows)
    write_people(settings, rows)
    return settings


def write_people(settings: Settings, rows: list[dict], staged: list[dict] | None = None) -> None:
    """Restricted files by batch, and a warehouse whose staging has `staged` (default: all)."""
    folder = settings.restricted / "accounts"
    folder.mkdir(parents=True, exist_ok=True)
    settings.warehouse.unlink(missing_ok=True)
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.register("clear", pa.Table.from_pylist(rows, CLEAR))
        for (batch,) in warehouse.execute("select distinct batch from clear").fetchall():
            file = folder / f"{batch}.parquet"
            warehouse.execute(
                f"copy (select * exclude (batch) from clear where batch = '{batch}') "
                f"to '{file}' (format parquet)"
            )
            file.chmod(0o600)
        warehouse.register("staged", pa.Table.from_pylist(staged or rows, CLEAR))
        warehouse.execute("create schema staging")
        warehouse.execute(
            "create table staging.stg_identity__accounts as "
            "select account_key, updated_at, batch as _batch_id from staged"
        )
        held = pa.Table.from_pylist(
            [
                {"id_type": "email", "id_key": row["email"], "account_key": row["account_key"]}
                for row in staged or rows
                if row.get("email")
            ],
            HELD,
        )
        warehouse.register("held", held)
        contacts = pa.Table.from_pylist(_contacts(staged or rows), CONTACTS)
        warehouse.register("contacts", contacts)
        if contacts.num_rows:
            file = settings.restricted / "account_identifiers" / "points-1.parquet"
            file.parent.mkdir(exist_ok=True)
            warehouse.execute(f"copy contacts to '{file}' (format parquet)")
            file.chmod(0o600)
        warehouse.execute(
            "create table staging.stg_identity__account_identifiers as select * from held "
            "union all select * exclude (clear_value) from contacts"
        )


def _contacts(rows: list[dict]) -> list[dict]:
    """E-mails and numbers that the rows give in clear (`emails`, `numbers`)."""
    return [
        {"id_type": id_type, "id_key": f"hash of {value}", "account_key": row["account_key"],
         "clear_value": value}
        for row in rows
        for id_type, name in (("email", "emails"), ("msisdn", "numbers"))
        for value in row.get(name, ())
    ]  # fmt: skip


ANN = {"given_name": "Ann", "family_name": "Poe", "birth_date": date(1980, 5, 1),
       "street": "1 Old Road", "postcode": "Q1", "city": "Leeds"}  # fmt: skip
BEN = ANN | {"given_name": "Ben", "birth_date": date(1975, 3, 9)}


def few(folder: Path, *versions: tuple, staged: list[int] | None = None) -> Settings:
    """A home of a few rows: (account, batch, day of the version, attributes)."""
    settings = make_home(folder, People())
    made = [
        {"account_key": key, "batch": batch, "updated_at": datetime(2024, 1, day)} | attributes
        for key, batch, day, attributes in versions
    ]
    chosen = None if staged is None else [made[number] for number in staged]
    write_people(settings, made, chosen)
    return settings
