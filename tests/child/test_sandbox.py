"""Calls in child processes: what comes back, and what a hostile document cannot do."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autod.child.sandbox import Sandbox, SandboxLimits
from autod.errors import (
    AutodError,
    DocumentError,
    FileTrouble,
    LimitExceeded,
    ProtectedDocument,
    Retry,
    UnreadableDocument,
)

HERE = Path(__file__).parent
PATIENT = SandboxLimits(timeout_seconds=60, memory_mb=1024, idle_seconds=60)


@pytest.fixture(autouse=True)
def _targets_are_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(PATIENT) as made:
        yield made


class Announcements:
    """A pipe whose far end a child keeps open: its end tells that the child has ended."""

    def __init__(self) -> None:
        reader, writer = os.pipe()
        self._reader = os.fdopen(reader, "rb", buffering=0)
        self._writer = os.fdopen(writer, "wb", buffering=0)

    @property
    def descriptors(self) -> dict[str, int]:
        return {"pipe": self._writer.fileno()}

    def begun(self) -> bool:
        """Waits for the child's word; afterwards the child alone holds the far end."""
        said = self._reader.read(1)
        self._writer.close()
        return said == b"x"

    def ended(self) -> bool:
        """Waits for the child's end."""
        return self._reader.read() == b""

    def close(self) -> None:
        self._reader.close()
        self._writer.close()


@pytest.fixture
def pipe() -> Iterator[Announcements]:
    with contextlib.closing(Announcements()) as made:
        yield made


def target(name: str) -> str:
    return f"sandbox_targets:{name}"


def test_arguments_and_result_travel_unchanged(sandbox: Sandbox) -> None:
    value = {"text": "Müller € \udc80", "numbers": [1, 2.5, None, True], "empty": {}}
    assert sandbox.call(target("echo"), value=value) == value


def test_a_large_argument_and_a_large_result_arrive(sandbox: Sandbox) -> None:
    size = 20 * 2**20
    assert sandbox.call(target("echo"), value="y" * size) == "y" * size
    assert len(sandbox.call(target("big"), size=size)) == size


def test_a_child_is_used_again(sandbox: Sandbox) -> None:
    first = sandbox.call(target("pid"))
    assert sandbox.call(target("pid")) == first != os.getpid()
    assert sandbox.pids() == [first]


def test_no_child_is_started_before_the_first_call(sandbox: Sandbox) -> None:
    assert sandbox.pids() == []


def test_noise_on_the_standard_streams_does_not_disturb_the_answer(
    sandbox: Sandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    assert sandbox.call(target("noise")) == "quiet"
    assert capfd.readouterr() == ("", "")


def test_a_deliberate_error_is_raised_again_as_it_was(sandbox: Sandbox) -> None:
    child = sandbox.call(target("pid"))
    with pytest.raises(ProtectedDocument) as caught:
        sandbox.call(target("refuse"))
    error = caught.value
    assert (error.message, error.code, error.next_step, error.retry) == (
        "It needs a password.",
        "made_up",
        "Ask.",
        Retry.LATER,
    )
    assert sandbox.call(target("pid")) == child


def test_an_error_of_an_unknown_subclass_comes_back_as_its_known_base(sandbox: Sandbox) -> None:
    with pytest.raises(LimitExceeded) as caught:
        sandbox.call(target("refuse_narrowly"))
    assert type(caught.value) is LimitExceeded
    assert caught.value.code == "narrow"


def test_a_surprise_names_its_type_and_never_the_text_of_the_document(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "autod.sandbox"), pytest.raises(UnreadableDocument) as caught:
        sandbox.call(target("surprise"))
    assert caught.value.code == "reader_failed"
    assert "KeyError" in caught.value.message
    assert "in surprise" in caplog.text
    assert "text of the document" not in caught.value.message + caplog.text.replace(
        'raise KeyError("text of the document")', ""
    )


def test_a_full_disk_is_no_fault_of_the_document(sandbox: Sandbox) -> None:
    with pytest.raises(FileTrouble) as caught:
        sandbox.call(target("fill_the_disk"))
    error = caught.value
    assert (error.code, error.retry, error.outside) == ("disk_full", Retry.LATER, True)
    assert "secret" not in error.message


def test_an_unknown_function_is_reported(sandbox: Sandbox) -> None:
    with pytest.raises(UnreadableDocument, match="AttributeError"):
        sandbox.call(target("absent"))


def test_an_aborting_library_costs_only_its_child(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    before = sandbox.call(target("pid"))
    with caplog.at_level(logging.DEBUG, "autod.sandbox"), pytest.raises(UnreadableDocument) as caught:
        sandbox.call(target("abort"))
    assert caught.value.code == "reader_crashed"
    assert "SIGABRT" in caught.value.message
    assert "in abort" in caplog.text
    assert sandbox.call(target("pid")) != before


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGBUS", "SIGKILL"])
def test_a_crash_names_its_signal(sandbox: Sandbox, name: str) -> None:
    with pytest.raises(UnreadableDocument, match=name):
        sandbox.call(target("raise_signal"), name=name)


def test_a_child_killed_from_outside_is_no_fault_of_the_document(sandbox: Sandbox) -> None:
    with pytest.raises(UnreadableDocument) as killed:
        sandbox.call(target("raise_signal"), name="SIGKILL")
    with pytest.raises(UnreadableDocument) as crashed:
        sandbox.call(target("raise_signal"), name="SIGSEGV")
    assert (killed.value.retry, crashed.value.retry) == (Retry.LATER, Retry.NEVER)


def test_a_silent_exit_is_a_crash(sandbox: Sandbox) -> None:
    with pytest.raises(UnreadableDocument, match="exit code 3") as caught:
        sandbox.call(target("leave"), code=3)
    assert caught.value.code == "reader_crashed"


def test_an_endless_call_is_killed_at_its_time_limit() -> None:
    with Sandbox(SandboxLimits(timeout_seconds=0.5, memory_mb=1024, idle_seconds=60)) as sandbox:
        with pytest.raises(LimitExceeded) as caught:
            sandbox.call(target("hold_the_interpreter"))
        assert caught.value.code == "read_timeout"
        assert "0.5 s" in caught.value.message
        assert sandbox.pids() == []


def test_a_call_that_eats_memory_is_killed_at_its_limit() -> None:
    with Sandbox(SandboxLimits(timeout_seconds=60, memory_mb=256, idle_seconds=60)) as sandbox:
        with pytest.raises(LimitExceeded) as caught:
            sandbox.call(target("hoard"))
        assert caught.value.code == "memory_limit"
        assert "256 MB" in caught.value.message
        assert sandbox.call(target("echo"), value=1) == 1


def test_an_allocation_that_fails_at_once_counts_as_the_memory_limit(sandbox: Sandbox) -> None:
    with pytest.raises(LimitExceeded) as caught:
        sandbox.call(target("too_much_at_once"))
    assert caught.value.code == "memory_limit"


def test_a_child_that_kept_over_half_of_the_memory_limit_is_replaced() -> None:
    with Sandbox(SandboxLimits(timeout_seconds=60, memory_mb=300, idle_seconds=60)) as sandbox:
        first = sandbox.call(target("pid"))
        sandbox.call(target("keep"), megabytes=50)
        assert sandbox.call(target("pid")) == first
        sandbox.call(target("keep"), megabytes=130)
        assert sandbox.call(target("pid")) != first


def test_an_idle_child_ends(pipe: Announcements) -> None:
    limits = SandboxLimits(timeout_seconds=60, memory_mb=1024, idle_seconds=0.1)
    with Sandbox(limits) as sandbox, ThreadPoolExecutor(1) as pool:
        calling = pool.submit(sandbox.call, target("announce"), descriptors=pipe.descriptors)
        assert pipe.begun()
        calling.result()
        assert pipe.ended()
        assert sandbox.pids() == []
        assert sandbox.call(target("echo"), value="again") == "again"


def test_eight_threads_share_two_children() -> None:
    with Sandbox(PATIENT, size=2) as sandbox, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda i: sandbox.call(target("echo"), value=i), range(200)))
        children = set(pool.map(lambda _: sandbox.call(target("pid")), range(50)))
        assert answers == list(range(200))
        assert children <= set(sandbox.pids())
        assert len(sandbox.pids()) <= 2


def test_two_calls_run_at_the_same_time() -> None:
    with (
        contextlib.closing(Announcements()) as one,
        contextlib.closing(Announcements()) as two,
        Sandbox(PATIENT, size=2) as sandbox,
        ThreadPoolExecutor(2) as pool,
    ):
        calls = [
            pool.submit(sandbox.call, target("announce_and_hold"), descriptors=each.descriptors)
            for each in (one, two)
        ]
        assert (one.begun(), two.begun()) == (True, True)
        assert len(sandbox.pids()) == 2
        sandbox.close()
        assert all(isinstance(call.exception(), DocumentError) for call in calls)


def test_closing_interrupts_the_running_and_the_waiting_call(pipe: Announcements) -> None:
    sandbox = Sandbox(PATIENT)
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(sandbox.call, target("announce_and_hold"), descriptors=pipe.descriptors)
        assert pipe.begun()
        waiting = pool.submit(sandbox.call, target("echo"), value=1)
        sandbox.close()
        assert pipe.ended()
        for call in (running, waiting):
            error = call.exception()
            assert isinstance(error, AutodError)
            assert (error.code, error.retry) == ("reader_stopped", Retry.LATER)
    assert sandbox.pids() == []


def test_a_closed_sandbox_takes_no_call(sandbox: Sandbox) -> None:
    sandbox.close()
    with pytest.raises(DocumentError, match="program stops"):
        sandbox.call(target("echo"), value=1)


def test_a_child_killed_while_idle_is_replaced(sandbox: Sandbox) -> None:
    first = sandbox.call(target("pid"))
    os.kill(first, 9)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert sandbox.call(target("pid")) != first


def test_a_child_outlives_the_thread_that_started_it(sandbox: Sandbox) -> None:
    started: list[int] = []
    thread = threading.Thread(target=lambda: started.append(sandbox.call(target("pid"))))
    thread.start()
    thread.join()
    assert sandbox.call(target("pid")) == started[0]


def test_a_busy_child_dies_with_a_parent_that_is_killed(pipe: Announcements) -> None:
    assert_children_die_with(pipe, "announce_and_hold")


def test_an_idle_child_dies_with_a_parent_that_is_killed(pipe: Announcements) -> None:
    assert_children_die_with(pipe, "announce")


def assert_children_die_with(pipe: Announcements, function: str) -> None:
    far_end = pipe.descriptors["pipe"]
    program = (
        "import os\n"
        "from autod.child.sandbox import Sandbox, SandboxLimits\n"
        "sandbox = Sandbox(SandboxLimits(timeout_seconds=60, memory_mb=1024, idle_seconds=60))\n"
        f"sandbox.call('sandbox_targets:{function}', descriptors={{'pipe': {far_end}}})\n"
        f"os.close({far_end})\n"
        "input()\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent.parent)])}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, env=environment, pass_fds=(far_end,)
    ) as parent:
        assert pipe.begun()
        parent.kill()
        assert pipe.ended()


def test_a_file_comes_open_and_is_gone_after_the_call(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("what is in it")
    own = sandbox.call(target("open_descriptors"))
    with (tmp_path / "a").open("rb") as file:
        for _ in range(3):
            said = sandbox.call(target("contents"), descriptors={"file": file.fileno()})
            assert said == "what is in it"
    assert sandbox.call(target("open_descriptors")) == own


def test_a_child_has_its_own_session_and_leaves_no_core_file(sandbox: Sandbox) -> None:
    child = sandbox.call(target("pid"))
    assert sandbox.call(target("session_and_core_limit")) == [child, 0, 0]


def test_a_child_does_not_see_the_keys_of_its_parent(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "made up")
    monkeypatch.setenv("PAPER_AUTOPILOT_DB_URL", "postgresql://someone:made-up@localhost/autod")
    for beginning in ("PYTHON_", "LC_", "OMP_", "DYLD_", "LD_"):
        monkeypatch.setenv(f"{beginning}SECRET_TOKEN", "made up")
    seen = sandbox.call(target("variables"))
    assert "PATH" in seen
    assert not [name for name, value in seen.items() if "KEY" in name or "made" in value]


def test_a_child_finds_the_package_from_any_folder_and_nothing_in_that_folder(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "json.py").write_text("raise SystemExit('the working directory was searched')")
    seen = sandbox.call(target("module_path"))
    assert str(HERE.parent.parent) in seen
    assert not {"", str(tmp_path), str(HERE.parent.parent / "autod" / "read")} & set(seen)
