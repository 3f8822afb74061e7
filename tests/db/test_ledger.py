"""The ledger: money is set aside before it is spent, and no cap is ever exceeded."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from autod.db import ledger
from autod.db.ledger import Order, Refused, Reservation
from autod.db.manager import DatabaseManager
from autod.db.models import ApiCall, CallState
from autod.domain.money import Caps, Priced, TokenUse
from autod.errors import DatabaseError

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
OPEN = Caps()


def order(most: str = "0.01", sha256: str = "a" * 64) -> Order:
    return Order(sha256, None, "openai", "gpt-6-luna", "default", Decimal(most))


def reserved(session: Session, most: str = "0.01", sha256: str = "a" * 64, now: datetime = NOW) -> int:
    made = ledger.reserve(session, order(most, sha256), OPEN, now)
    assert isinstance(made, Reservation)
    return made.call_id


def settled(session: Session, call_id: int, cost: str) -> None:
    ledger.settle(
        session, call_id, use=TokenUse(4500, 500, 2000, 0, 32), priced=Priced(Decimal(cost), "test 1"),
        tier="flex", request_id="req_1", now=NOW,
    )  # fmt: skip


def state_of(session: Session, call_id: int) -> CallState:
    return session.get_one(ApiCall, call_id).state


def test_settled_call_costs_what_it_cost_and_not_what_was_reserved(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        call = reserved(session, "0.01")
        assert ledger.spent(session) == Decimal("0.01")
        settled(session, call, "0.000260001")
        assert ledger.spent(session) == Decimal("0.000260001")
        row = session.get_one(ApiCall, call)
        assert (row.input_tokens, row.cached_tokens, row.cache_write_tokens) == (4500, 2000, 0)
        assert (row.tier, row.price_version, row.request_id) == ("flex", "test 1", "req_1")


def test_settling_twice_counts_once(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        call = reserved(session)
        settled(session, call, "0.003")
        settled(session, call, "0.009")
        assert ledger.spent(session) == Decimal("0.003")


def test_released_call_costs_nothing(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        call = reserved(session)
        ledger.release(session, call, "openai_rate_limited", NOW)
        assert ledger.spent(session) == 0
        assert session.get_one(ApiCall, call).error_code == "openai_rate_limited"


def test_settled_call_cannot_be_released_or_forgotten(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        call = reserved(session)
        settled(session, call, "0.003")
        ledger.release(session, call, "late", NOW)
        ledger.mark_unknown(session, call, "late", NOW)
        assert state_of(session, call) is CallState.SETTLED


def test_call_that_the_service_accepted_is_never_written_off(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        call = reserved(session, "0.01")
        ledger.dispatch(session, call, OPEN, NOW)
        ledger.attach(session, call, "background:resp_1")
        ledger.release(session, call, "openai_answer_late", NOW)
        assert state_of(session, call) is CallState.UNKNOWN
        assert ledger.spent(session) == Decimal("0.01")


def test_unknown_outcome_keeps_counting_and_is_shown_until_it_is_known(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        call = reserved(session, "0.01")
        ledger.mark_unknown(session, call, "openai_outcome_unknown", NOW)
        assert ledger.spent(session) == Decimal("0.01")
        assert [row.id for row in ledger.unknown_calls(session)] == [call]
        settled(session, call, "0.002")
        assert ledger.spent(session) == Decimal("0.002")
        assert not ledger.unknown_calls(session)


def test_service_that_does_not_count_costs_what_was_reserved(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        call = reserved(session, "0.01")
        ledger.settle(session, call, use=None, priced=None, tier=None, request_id=None, now=NOW)
        row = session.get_one(ApiCall, call)
        assert row.cost_usd == Decimal("0.01")
        assert row.cached_tokens is None


@pytest.mark.parametrize(
    ("caps", "name"),
    [
        (Caps(document=Decimal("0.025")), "document"),
        (Caps(day=Decimal("0.025")), "day"),
        (Caps(month=Decimal("0.025")), "month"),
    ],
)
def test_cap_refuses_what_would_exceed_it_and_takes_what_just_fits(
    manager: DatabaseManager, caps: Caps, name: str
) -> None:
    with manager.get_session() as session:
        reserved(session, "0.02")
        refused = ledger.reserve(session, order("0.006"), caps, NOW)
        assert isinstance(refused, Refused)
        assert (refused.cap, refused.limit, refused.used) == (name, Decimal("0.025"), Decimal("0.02"))
        assert isinstance(ledger.reserve(session, order("0.005"), caps, NOW), Reservation)


def test_caps_look_at_their_own_window_only(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        reserved(session, "1", sha256="b" * 64, now=NOW - timedelta(days=30))
        reserved(session, "0.02", sha256="b" * 64, now=NOW - timedelta(days=1))
        caps = Caps(document=Decimal("0.01"), day=Decimal("0.01"), month=Decimal("0.03"))
        assert isinstance(ledger.reserve(session, order("0.01"), caps, NOW), Reservation)
        refused = ledger.reserve(session, order("0.01"), caps, NOW + timedelta(days=1))
        assert isinstance(refused, Refused)
        assert refused.cap == "document"


def test_refusal_says_when_the_cap_starts_anew(manager: DatabaseManager) -> None:
    nothing = Decimal(0)
    with manager.get_session() as session:
        for caps, free_at in (
            (Caps(day=nothing), datetime(2026, 11, 25, tzinfo=UTC)),
            (Caps(month=nothing), datetime(2026, 12, 1, tzinfo=UTC)),
            (Caps(document=nothing), None),
        ):
            refused = ledger.reserve(session, order(), caps, NOW)
            assert isinstance(refused, Refused)
            assert refused.free_at == free_at


def test_call_sent_before_a_crash_is_kept_as_unknown_and_a_new_one_is_reserved(
    manager: DatabaseManager,
) -> None:
    with manager.get_session() as session:
        call = reserved(session, "0.01")
        assert ledger.dispatch(session, call, OPEN, NOW) == Reservation(call)
    with manager.get_session() as session:
        again = ledger.dispatch(session, call, OPEN, NOW)
        assert isinstance(again, Reservation)
        assert again.call_id != call
        assert state_of(session, call) is CallState.UNKNOWN
        assert ledger.spent(session) == Decimal("0.02")


def test_whoever_dies_again_and_again_before_the_call_is_known_leaves_each_call_in_sight(
    manager: DatabaseManager,
) -> None:
    with manager.get_session() as session:
        first = reserved(session, "0.01")
    made = []
    for _ in range(3):
        with manager.get_session() as session:
            sent = ledger.dispatch(session, first, OPEN, NOW)
            assert isinstance(sent, Reservation)
            made.append(sent.call_id)
    assert made[0] == first
    with manager.get_session() as session:
        states = [state_of(session, call) for call in made]
    assert states == [CallState.UNKNOWN, CallState.UNKNOWN, CallState.RESERVED]


def test_a_call_that_can_be_looked_for_is_noted_once_and_its_successor_is_found(
    manager: DatabaseManager,
) -> None:
    with manager.get_session() as session:
        first = reserved(session, "0.01")
        assert ledger.note_sent(session, first, OPEN, NOW) == (Reservation(first), True)
        assert ledger.note_sent(session, first, OPEN, NOW) == (Reservation(first), False)
        again = ledger.dispatch(session, first, OPEN, NOW)
        assert ledger.note_sent(session, first, OPEN, NOW) == (again, False)
        ledger.mark_unknown(session, first, "lost", NOW)
        assert [call.state for call in ledger.unknown_calls(session)] == [CallState.UNKNOWN] * 2


def test_second_try_after_a_crash_must_fit_the_caps_as_well(manager: DatabaseManager) -> None:
    caps = Caps(document=Decimal("0.015"))
    with manager.get_session() as session:
        call = reserved(session, "0.01")
        ledger.dispatch(session, call, caps, NOW)
        assert isinstance(ledger.dispatch(session, call, caps, NOW), Refused)


def test_missing_row_is_an_error_and_no_silence(manager: DatabaseManager) -> None:
    with manager.get_session() as session, pytest.raises(DatabaseError) as caught:
        ledger.release(session, 4711, "x", NOW)
    assert caught.value.code == "row_missing"


def test_sixteen_threads_never_exceed_the_cap(manager: DatabaseManager) -> None:
    cap = Decimal("0.1")
    caps = Caps(day=cap)
    start = threading.Barrier(16)

    def spend(seed: int) -> int:
        dice = random.Random(seed)  # noqa: S311 - a test's dice
        made = 0
        start.wait()
        for number in range(6):
            most = Decimal(dice.randint(1, 30)) / 1000
            with manager.get_session() as session:
                got = ledger.reserve(session, order(str(most), f"{seed:032x}{number:032x}"), caps, NOW)
            if isinstance(got, Refused):
                continue
            made += 1
            with manager.get_session() as session:
                assert ledger.spent(session) <= cap
                fate = dice.randrange(3)
                if fate == 0:
                    ledger.release(session, got.call_id, "x", NOW)
                elif fate == 1:
                    settled(session, got.call_id, str(most * dice.randint(0, 10) / 10))
                else:
                    ledger.mark_unknown(session, got.call_id, "x", NOW)
        return made

    with ThreadPoolExecutor(16) as pool:
        made = sum(pool.map(spend, range(16)))
    with manager.get_session() as session:
        assert Decimal(0) < ledger.spent(session) <= cap
    assert made > 0


def test_serializable_transactions_never_exceed_the_cap_either(postgres_url: str) -> None:
    caps = Caps(day=Decimal("0.05"))
    start = threading.Barrier(8)
    with DatabaseManager(postgres_url) as manager:
        engine = manager.engine.execution_options(isolation_level="SERIALIZABLE")

        def spend(number: int) -> bool:
            start.wait()
            while True:
                try:
                    with Session(engine) as session, session.begin():
                        session.execute(sa.select(sa.func.count()).select_from(ApiCall))
                        return isinstance(ledger.reserve(session, order(), caps, NOW), Reservation)
                except DBAPIError as error:
                    assert getattr(error.orig, "sqlstate", "") == "40001"

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(spend, range(8))) == 5


def test_isolation_level_at_which_caps_would_leak_is_refused(postgres_url: str) -> None:
    with DatabaseManager(postgres_url) as manager:
        engine = manager.engine.execution_options(isolation_level="REPEATABLE READ")
        with Session(engine) as session, pytest.raises(DatabaseError) as caught:
            ledger.reserve(session, order(), OPEN, NOW)
    assert caught.value.code == "isolation_too_weak"


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "settle", "release", "unknown", "dispatch"]),
        st.integers(1, 40),
        st.integers(0, 30),
    ),
    max_size=25,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_no_order_of_events_exceeds_the_cap(sqlite_url: str, actions: list[tuple[str, int, int]]) -> None:
    caps = Caps(day=Decimal("0.1"))
    with DatabaseManager(sqlite_url) as manager:
        with manager.get_session() as session:
            session.execute(sa.delete(ApiCall))
        calls: list[tuple[int, Decimal]] = []
        for what, thousandths, which in actions:
            most = Decimal(thousandths) / 1000
            with manager.get_session() as session:
                if what == "reserve":
                    got = ledger.reserve(session, order(str(most)), caps, NOW)
                    calls += [(got.call_id, most)] if isinstance(got, Reservation) else []
                elif calls:
                    call, reserved_usd = calls[which % len(calls)]
                    if what == "settle":
                        settled(session, call, str(min(most, reserved_usd)))
                    elif what == "release":
                        ledger.release(session, call, "x", NOW)
                    elif what == "unknown":
                        ledger.mark_unknown(session, call, "x", NOW)
                    else:
                        ledger.dispatch(session, call, caps, NOW)
                assert ledger.spent(session) <= Decimal("0.1")


SPENDER = """
import json, random, sys, threading
from datetime import UTC, datetime
from decimal import Decimal
from autod.db import ledger
from autod.db.ledger import Order, Refused
from autod.db.manager import DatabaseManager
from autod.domain.money import Caps, Priced

now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
speaking = threading.Lock()

def say(word):
    with speaking:
        print(word, flush=True)

def spend(manager, caps, amounts, seed):
    dice = random.Random(seed)
    for number, thousandths in enumerate(amounts):
        most = Decimal(thousandths) / 1000
        order = Order(f"{seed:032x}{number:032x}", None, "openai", "gpt-6-luna", "default", most)
        with manager.get_session() as session:
            made = ledger.reserve(session, order, caps, now)
        if isinstance(made, Refused):
            continue
        say("reserved")
        with manager.get_session() as session:
            sent = ledger.dispatch(session, made.call_id, caps, now)
        with manager.get_session() as session:
            fate = dice.randrange(4)
            if fate == 0:
                ledger.release(session, sent.call_id, "x", now)
            elif fate == 1:
                ledger.mark_unknown(session, sent.call_id, "x", now)
            elif fate == 2:
                cost = most * dice.randint(0, 10) / 10
                ledger.settle(session, sent.call_id, use=None, priced=Priced(cost, "t"), tier=None,
                              request_id=None, now=now)

with DatabaseManager(sys.argv[1], pool_size=6, busy_timeout_seconds=60) as manager:
    say("ready")
    for line in sys.stdin:
        job = json.loads(line)
        caps = Caps(day=Decimal(job["cap"]))
        threads = [
            threading.Thread(target=spend, args=(manager, caps, job["amounts"], job["seed"] + n))
            for n in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        say("done")
"""


class Spender:
    """A process of six threads that reserve and settle until they are done, or until it is killed."""

    def __init__(self, url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SPENDER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.said() == "ready"

    def said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def spend(self, cap: Decimal, amounts: list[int], seed: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"cap": str(cap), "amounts": amounts, "seed": seed}) + "\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)


@pytest.fixture
def spenders(manager: DatabaseManager) -> Iterator[list[Spender]]:
    """Three processes on one database."""
    with ThreadPoolExecutor(3) as pool:
        running = list(pool.map(Spender, [manager.url] * 3))
    yield running
    for spender in running:
        spender.kill()


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cap=st.integers(20, 300),
    amounts=st.lists(st.integers(1, 30), min_size=2, max_size=6),
    seed=st.integers(0, 1000),
    killed_after=st.integers(1, 4),
)
def test_three_processes_of_six_threads_never_exceed_the_cap_though_one_is_killed(
    manager: DatabaseManager,
    spenders: list[Spender],
    cap: int,
    amounts: list[int],
    seed: int,
    killed_after: int,
) -> None:
    most = Decimal(cap) / 1000
    with manager.get_session() as session:
        session.execute(sa.delete(ApiCall))
    for number, spender in enumerate(spenders):
        spender.spend(most, amounts, seed + 10 * number)
    victim = spenders[0]
    for _ in range(killed_after):
        if victim.said() == "done":
            break
    victim.kill()
    spenders[0] = Spender(manager.url)
    for spender in spenders[1:]:
        while spender.said() == "reserved":
            with manager.get_session(read_only=True) as session:
                assert ledger.spent(session) <= most
    with manager.get_session(read_only=True) as session:
        assert ledger.spent(session) <= most
