"""The ledger: money is set aside before it is spent, and no cap is ever exceeded."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
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
from autod.db.ledger import Order, Refused, Reserved
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
    assert isinstance(made, Reserved)
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
        assert isinstance(ledger.reserve(session, order("0.005"), caps, NOW), Reserved)


def test_caps_look_at_their_own_window_only(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        reserved(session, "1", sha256="b" * 64, now=NOW - timedelta(days=30))
        reserved(session, "0.02", sha256="b" * 64, now=NOW - timedelta(days=1))
        caps = Caps(document=Decimal("0.01"), day=Decimal("0.01"), month=Decimal("0.03"))
        assert isinstance(ledger.reserve(session, order("0.01"), caps, NOW), Reserved)
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
        assert ledger.dispatch(session, call, OPEN, NOW) == Reserved(call)
    with manager.get_session() as session:
        again = ledger.dispatch(session, call, OPEN, NOW)
        assert isinstance(again, Reserved)
        assert again.call_id != call
        assert state_of(session, call) is CallState.UNKNOWN
        assert ledger.spent(session) == Decimal("0.02")


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
                        return isinstance(ledger.reserve(session, order(), caps, NOW), Reserved)
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
                    calls += [(got.call_id, most)] if isinstance(got, Reserved) else []
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
import sys
from datetime import UTC, datetime
from decimal import Decimal
from autod.db import ledger
from autod.db.ledger import Order, Refused
from autod.db.manager import DatabaseManager
from autod.domain.money import Caps, Priced

caps = Caps(day=Decimal("0.2"))
now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
print("ready", flush=True)
sys.stdin.readline()
with DatabaseManager(sys.argv[1], busy_timeout_seconds=60) as manager:
    for number in range(1000):
        order = Order(f"{number:064x}", None, "openai", "gpt-6-luna", "default", Decimal("0.004"))
        with manager.get_session() as session:
            made = ledger.reserve(session, order, caps, now)
        if isinstance(made, Refused):
            break
        print(made.call_id, flush=True)
        if sys.argv[2] == "victim":
            sys.stdin.readline()
        if number % 2:
            with manager.get_session() as session:
                ledger.settle(session, made.call_id, use=None, priced=Priced(Decimal("0.001"), "t"),
                              tier=None, request_id=None, now=now)
"""


def test_three_processes_one_of_them_killed_never_exceed_the_cap(manager: DatabaseManager) -> None:
    spenders = [
        subprocess.Popen(
            [sys.executable, "-c", SPENDER, manager.url, role],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for role in ("victim", "spender", "spender")
    ]  # fmt: skip
    victim = spenders[0]
    for spender in spenders:
        assert spender.stdout is not None
        assert spender.stdin is not None
        assert spender.stdout.readline() == "ready\n"
        spender.stdin.write("go\n")
        spender.stdin.flush()
        if spender is victim:
            assert spender.stdout.readline().strip().isdigit()
    victim.kill()
    for spender in spenders:
        spender.communicate(timeout=120)
    assert [spender.returncode for spender in spenders[1:]] == [0, 0]
    assert victim.returncode != 0
    with manager.get_session() as session:
        total = ledger.spent(session)
    assert Decimal("0.19") < total <= Decimal("0.2")
