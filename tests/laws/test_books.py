"""The law of books: whatever is posted, an amount is in exactly one bucket, and sheets equal the sum of entries."""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from psycopg.errors import UniqueViolation

from orderwright.kernel import sql
from orderwright.kernel.books import NOWHERE, Book, Movement, Shortfall, lock, post

TOYS = Book(
    name="toys",
    sheets="toy_sheet",
    entries="toy_entry",
    outside=frozenset({"maker", "child"}),
    steps={
        ("maker", "shelf"): "make",
        ("shelf", "basket"): "take",
        ("basket", "shelf"): "put back",
        ("basket", "child"): "give",
        ("shelf", "shelf"): "carry",
        ("child", "mending"): "bring back",
        ("mending", "shelf"): "mend",
    },
)

TABLES = """
    CREATE TABLE toy_sheet (
        holder_id bigint, place_id bigint,
        shelf bigint NOT NULL DEFAULT 0 CONSTRAINT toy_sheet_shelf_floor CHECK (shelf >= 0),
        basket bigint NOT NULL DEFAULT 0 CONSTRAINT toy_sheet_basket_floor CHECK (basket >= 0),
        mending bigint NOT NULL DEFAULT 0 CONSTRAINT toy_sheet_mending_floor CHECK (mending >= 0),
        PRIMARY KEY (holder_id, place_id));
    CREATE TABLE toy_entry (
        id bigint GENERATED ALWAYS AS IDENTITY, holder_id bigint, source_place bigint, source text,
        target_place bigint, target text, amount bigint CHECK (amount > 0), event_id bigint);
"""

SUMS = """
    SELECT holder_id, place, bucket, sum(amount)::bigint
      FROM (SELECT holder_id, target_place AS place, target AS bucket, amount FROM toy_entry
            UNION ALL
            SELECT holder_id, source_place, source, -amount FROM toy_entry) moved
     GROUP BY 1, 2, 3
"""

Account = tuple[int, int, str]

movements = st.builds(
    lambda holder, places, step, amount: Movement(holder, places[0], step[0], places[1], step[1], amount, 1),
    holder=st.integers(1, 4),
    places=st.tuples(st.integers(NOWHERE, 2), st.integers(NOWHERE, 2)),
    step=st.sampled_from(sorted(TOYS.steps)),
    amount=st.integers(1, 12) | st.integers(1, 2**50),
)


@pytest.fixture
def toy_tables(transactional_db: None) -> Iterator[None]:
    sql.run(TABLES)
    yield
    sql.run("DROP TABLE toy_sheet, toy_entry")


def applied(known: Counter[Account], batch: list[Movement]) -> Counter[Account]:
    """What a person with pen and paper would have after `batch`."""
    after = Counter(known)
    for move in batch:
        after[move.holder, move.source_place, move.source] -= move.amount
        after[move.holder, move.target_place, move.target] += move.amount
    return after


def is_kept(account: Account) -> bool:
    return account[2] not in TOYS.outside


def written() -> tuple[Counter[Account], Counter[Account]]:
    """What the sheets say, and what the entries add up to."""
    sheets: Counter[Account] = Counter()
    for holder, place, *amounts in sql.rows(f"SELECT holder_id, place_id, {', '.join(TOYS.buckets)} FROM toy_sheet"):
        for bucket, amount in zip(TOYS.buckets, amounts, strict=True):
            sheets[holder, place, bucket] = amount
    sums = Counter({(holder, place, bucket): total for holder, place, bucket, total in sql.rows(SUMS)})
    return sheets, sums


class Pen(RuleBasedStateMachine):
    """Posts batches, legal or not, and keeps the same book with pen and paper."""

    def __init__(self) -> None:
        super().__init__()
        self.paper: Counter[Account] = Counter()
        self.outer = transaction.atomic()
        self.outer.__enter__()

    @rule(data=st.data(), wanted=st.integers(1, 12), locked=st.booleans())
    def post_what_can_be_done(self, data: st.DataObject, wanted: int, locked: bool) -> None:
        """Each movement takes from what is there after those before it."""
        batch: list[Movement] = []
        for _ in range(wanted):
            after = applied(self.paper, batch)
            sources = [(1, NOWHERE, "maker"), (2, NOWHERE, "maker")]
            sources += sorted(account for account, amount in after.items() if is_kept(account) and amount > 0)
            holder, place, source = data.draw(st.sampled_from(sources))
            target = data.draw(st.sampled_from([to for start, to in TOYS.steps if start == source]))
            most = after[holder, place, source] if is_kept((holder, place, source)) else 20
            amount = data.draw(st.integers(1, most))
            batch.append(Movement(holder, place, source, data.draw(st.integers(NOWHERE, 2)), target, amount, 1))
        self.post_some(batch, locked)

    @rule(batch=st.lists(movements, max_size=8), locked=st.booleans())
    def post_anything(self, batch: list[Movement], locked: bool) -> None:
        self.post_some(batch, locked)

    def post_some(self, batch: list[Movement], locked: bool) -> None:
        after = applied(self.paper, batch)
        short = any(amount < 0 for account, amount in after.items() if is_kept(account))
        try:
            with transaction.atomic():
                if locked:
                    places = [(move.holder, move.source_place) for move in batch]
                    lock(TOYS, {*places, *((move.holder, move.target_place) for move in batch)})
                post(TOYS, batch, locked=locked)
        except Shortfall as refusal:
            assert short
            assert any(after[account] < 0 for account in after if account[2] == refusal.facts["bucket"])  # noqa: PT017
        else:
            assert not short
            self.paper = after

    @rule(made=st.integers(1, 50), kept=st.integers(1, 60))
    def open_a_holder(self, made: int, kept: int) -> None:
        """A new holder gets `made` and `kept` of them go on at once; more than were made is a shortfall."""
        holder = 1000 + len({account[0] for account in self.paper})
        batch = [
            Movement(holder, NOWHERE, "maker", 1, "shelf", made, 1),
            Movement(holder, 1, "shelf", 1, "basket", kept, 1),
        ]
        try:
            with transaction.atomic():
                post(TOYS, batch, opening=True)
        except Shortfall:
            assert kept > made
        else:
            assert kept <= made
            self.paper = applied(self.paper, batch)

    @rule(amount=st.sampled_from([0, -3]))
    def post_nothing_or_less(self, amount: int) -> None:
        with pytest.raises(AssertionError), transaction.atomic():
            post(TOYS, [Movement(1, NOWHERE, "maker", 1, "shelf", amount, 1)])

    @rule(step=st.sampled_from([("maker", "basket"), ("child", "shelf"), ("shelf", "attic")]))
    def post_a_step_that_the_book_does_not_know(self, step: tuple[str, str]) -> None:
        with pytest.raises(AssertionError), transaction.atomic():
            post(TOYS, [Movement(1, 1, step[0], 1, step[1], 1, 1)])

    @invariant()
    def paper_sheets_and_entries_agree(self) -> None:
        sheets, sums = written()
        for account in {*self.paper, *sheets, *sums}:
            assert sums[account] == self.paper[account], account
            assert not is_kept(account) or sheets[account] == self.paper[account], account
            assert not is_kept(account) or sheets[account] >= 0, account

    @invariant()
    def nothing_is_made_or_lost_on_the_way(self) -> None:
        _, sums = written()
        for holder in {account[0] for account in sums}:
            assert sum(amount for account, amount in sums.items() if account[0] == holder) == 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)


def test_an_amount_is_in_exactly_one_bucket(toy_tables: None) -> None:
    run_state_machine_as_test(Pen, settings=settings())

    assert not connection.in_atomic_block
    assert sql.value("SELECT count(*) FROM toy_entry") == 0


def test_a_breach_that_is_no_shortfall_keeps_its_cause(toy_tables: None) -> None:
    """Who runs a flow again looks for the cause: a unique key that another transaction was first to write."""
    sql.run("ALTER TABLE toy_entry ADD UNIQUE (holder_id)")
    made = Movement(1, NOWHERE, "maker", NOWHERE, "shelf", 1, 1)

    with transaction.atomic():
        post(TOYS, [made])

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        post(TOYS, [made])

    assert isinstance(caught.value.__cause__, UniqueViolation)
