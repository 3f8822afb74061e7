"""What the product promises its operators, C01 to C50, and the tests that prove each on both databases.

A number is a promise about commands, names, columns, log lines or behaviour; the words are a reminder.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUICK = "tests/runbook/test_runbook.py::test_the_quick_start_works_from_nothing"
BLOCKS = "tests/runbook/test_runbook.py::test_every_block_of_a_section_works_as_printed"
WORK = "tests/runbook/test_contract_at_work.py::"
START = "tests/e2e/test_quick_start.py::"
MANAGER = "tests/db/test_manager.py::"
SCHEMA = "tests/db/test_schema.py::"
STORE = "tests/vectors/test_vector_store_openai.py::"
LOGS = "tests/test_logs.py::"


@dataclass(frozen=True, slots=True)
class Proof:
    """Tests that prove one promise; ``databases`` is False where none is involved, or only one can be."""

    promise: str
    tests: tuple[str, ...]
    databases: bool = True


PROOFS = {
    "C01": Proof(
        "requirements.txt is enough",
        (
            "tests/packaging/test_locks.py::test_lock_holds_what_pyproject_declares",
            QUICK,
            START + "test_the_quick_start_ends_with_a_processed_document",
        ),
    ),
    "C02": Proof(
        ".env.example is valid",
        (
            "tests/packaging/test_config_docs.py::test_example_is_a_valid_configuration_as_it_stands",
            START + "test_the_quick_start_ends_with_a_processed_document",
        ),
    ),
    "C03": Proof(
        "alembic upgrade and check; no DDL at start",
        (
            SCHEMA + "test_alembic_upgrades_an_empty_database_from_the_repository_root",
            SCHEMA + "test_upgrading_a_current_database_changes_nothing",
            SCHEMA + "test_models_and_migrations_agree",
            START + "test_nothing_starts_on_an_empty_database_and_says_what_to_run",
        ),
    ),
    "C04": Proof(
        "the check of the configuration",
        (QUICK, START + "test_a_wrong_setting_is_one_line_each_without_a_traceback"),
    ),
    "C05": Proof("folders", (START + "test_the_daemon_processes_what_is_dropped_and_stops_cleanly",)),
    "C06": Proof(
        "src.processor",
        (
            START + "test_the_quick_start_ends_with_a_processed_document",
            "tests/e2e/test_docs.py::test_every_command_of_a_document_succeeds",
        ),
    ),
    "C07": Proof("run_daemon.py", (START + "test_the_daemon_processes_what_is_dropped_and_stops_cleanly",)),
    "C08": Proof(
        "health_check.sh",
        (
            START + "test_the_quick_start_ends_with_a_processed_document",
            START + "test_nothing_starts_on_an_empty_database_and_says_what_to_run",
            "tests/health/test_health.py::test_little_space_is_a_warning_and_none_a_failure",
            BLOCKS,
        ),
    ),
    "C09": Proof("documents and units", (WORK + "test_what_the_seed_names_is_there",), databases=False),
    "C10": Proof("defaults", (WORK + "test_defaults_are_those_of_the_runbook",), databases=False),
    "C11": Proof("get_config().paper_autopilot_db_url", (QUICK, BLOCKS)),
    "C12": Proof(
        "DatabaseManager",
        (
            MANAGER + "test_a_session_commits_when_its_block_ends",
            MANAGER + "test_health_of_an_unreachable_database_is_false",
            SCHEMA + "test_an_untouched_database_is_empty_and_stays_untouched",
            SCHEMA + "test_a_database_without_the_engines_tables_is_outdated",
        ),
    ),
    "C13": Proof("ResponsesAPIClient()", (WORK + "test_clients_need_no_arguments_and_print_nothing",)),
    "C14": Proof("VectorStoreManager()", (WORK + "test_clients_need_no_arguments_and_print_nothing",)),
    "C15": Proof("Document", (WORK + "test_columns_have_the_names_and_values_that_reports_rely_on",)),
    "C16": Proof(
        "process_document",
        ("tests/e2e/test_library.py::test_one_manager_serves_many_calls_and_stdout_stays_ours",),
    ),
    "C17": Proof("imports print nothing", (START + "test_importing_a_runbook_module_prints_nothing",)),
    "C18": Proof(
        "managers leak nothing",
        (
            MANAGER + "test_many_managers_leak_no_connection",
            MANAGER + "test_closing_one_manager_leaves_another_alone",
        ),
    ),
    "C19": Proof("id", (WORK + "test_columns_have_the_names_and_values_that_reports_rely_on",)),
    "C20": Proof(
        "sha256_hex is UNIQUE",
        ("tests/db/test_documents.py::test_the_database_itself_refuses_a_second_row_for_a_hash",),
    ),
    "C21": Proof("the file's name", (WORK + "test_columns_have_the_names_and_values_that_reports_rely_on",)),
    "C22": Proof("processed_at", (WORK + "test_a_naive_local_time_finds_what_was_processed_since",)),
    "C23": Proof(
        "total_cost_usd",
        (
            WORK + "test_no_row_lacks_its_cost",
            WORK + "test_columns_have_the_names_and_values_that_reports_rely_on",
        ),
    ),
    "C24": Proof("prompt_tokens", (WORK + "test_columns_have_the_names_and_values_that_reports_rely_on",)),
    "C25": Proof(
        "vector_store_file_id", (WORK + "test_columns_have_the_names_and_values_that_reports_rely_on",)
    ),
    "C26": Proof("doc_type", (WORK + "test_columns_have_the_names_and_values_that_reports_rely_on",)),
    "C27": Proof("maintenance SQL", (SCHEMA + "test_maintenance_statements_of_the_runbook_succeed", BLOCKS)),
    "C28": Proof(
        "no duplicate hash",
        (BLOCKS, "tests/db/test_documents.py::test_of_many_callers_at_once_exactly_one_creates_the_row"),
    ),
    "C29": Proof(
        "SQLite in WAL",
        (MANAGER + "test_sqlite_is_in_wal_mode_with_a_busy_timeout_and_full_safety",),
        databases=False,
    ),
    "C30": Proof(
        "roles with the GRANTs alone",
        (
            "tests/db/test_privileges.py::test_the_application_role_can_do_all_of_the_daemons_work",
            "tests/db/test_privileges.py::test_the_read_only_role_can_report_and_nothing_else",
            "tests/security/test_roles.py::test_the_daemon_works_as_the_application_role",
        ),
        databases=False,
    ),
    "C31": Proof("pool size", (MANAGER + "test_the_pool_size_bounds_the_connections",)),
    "C32": Proof(
        "log lines are objects",
        (
            WORK + "test_every_line_of_the_log_is_an_object_with_message_time_and_level",
            LOGS + "test_a_traceback_stays_inside_its_line_and_errors_carry_a_code",
        ),
    ),
    "C33": Proof(
        "UTC timestamps", (WORK + "test_every_line_of_the_log_is_an_object_with_message_time_and_level",)
    ),
    "C34": Proof(
        "error codes", (WORK + "test_every_line_of_the_log_is_an_object_with_message_time_and_level", BLOCKS)
    ),
    "C35": Proof(
        "Processing complete",
        (WORK + "test_the_log_tells_each_completed_document_once_with_cost_time_and_tokens",),
    ),
    "C36": Proof(
        "cost_usd", (WORK + "test_the_log_tells_each_completed_document_once_with_cost_time_and_tokens",)
    ),
    "C37": Proof(
        "seconds",
        (WORK + "test_the_log_tells_each_completed_document_once_with_cost_time_and_tokens",),
    ),
    "C38": Proof(
        "tokens", (WORK + "test_the_log_tells_each_completed_document_once_with_cost_time_and_tokens",)
    ),
    "C39": Proof("Vector store upload failed", (WORK + "test_an_upload_that_failed_is_in_the_log",)),
    "C40": Proof("log level", (LOGS + "test_debug_records_are_left_out_at_info",), databases=False),
    "C41": Proof(
        "no secret in the log", (BLOCKS, LOGS + "test_no_secret_and_no_word_for_one_reaches_the_file")
    ),
    "C42": Proof(
        "rotation; a day's cost",
        (LOGS + "test_the_log_rotates", "tests/db/test_costs.py::test_costs_of_days_weeks_and_months"),
    ),
    "C43": Proof(
        "once by SHA-256", (WORK + "test_a_changed_file_is_a_new_document_and_the_same_bytes_are_not",)
    ),
    "C44": Proof("time-out and model", (WORK + "test_time_out_and_model_are_settings",), databases=False),
    "C45": Proof(
        "a static prompt, a cached share",
        (
            "tests/openai/test_openai_question.py::test_static_part_is_byte_identical_for_all_documents",
            "tests/db/test_costs.py::test_both_cache_ratios_are_reported_with_the_ceiling",
        ),
    ),
    "C46": Proof(
        "the store's limit, id and rebuilding",
        (
            STORE + "test_file_over_the_limit_is_skipped_with_a_reason_and_nothing_is_sent",
            STORE + "test_configured_store_is_honoured_or_missed_with_a_clear_message",
            BLOCKS,
        ),
    ),
    "C47": Proof(
        "figures at any time",
        ("tests/db/test_figures.py::test_a_window_counts_what_happened_in_it", BLOCKS),
    ),
    "C48": Proof(
        "five alerts",
        (
            "tests/alerts/test_rules.py::test_severities_are_those_of_the_runbook",
            "tests/monitoring/test_alerting.py::test_a_database_that_is_down_is_told_although_it_is_down",
            "tests/monitoring/test_alerting.py::test_a_service_that_fails_is_told",
            "tests/monitoring/test_alerting.py::test_a_full_disk_is_told",
            "tests/monitoring/test_alerting.py::test_a_day_that_costs_too_much_is_told",
            "tests/monitoring/test_alerting.py::test_uploads_that_fail_are_told",
        ),
    ),
    "C49": Proof(
        "key rotation",
        (
            BLOCKS,
            "tests/security/test_key_rotation.py::"
            "test_after_a_restart_with_the_new_key_the_waiting_documents_are_read",
        ),
    ),
    "C50": Proof(
        "backup, restore, 30 days",
        (
            "tests/backup/test_taking.py::test_a_document_that_is_filed_meanwhile_is_stored_where_its_row_has_it",
            "tests/backup/test_restoring.py::test_everything_is_back_and_agrees",
            "tests/backup/test_taking.py::test_old_archives_go_and_everything_else_stays",
            BLOCKS,
        ),
    ),
}


@pytest.fixture(scope="module")
def collected() -> dict[str, set[str]]:
    """The parameters of every test that the table names, by its name without them."""
    files = sorted({test.partition("::")[0] for proof in PROOFS.values() for test in proof.tests})
    listed = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "-q",
            "-o",
            "addopts=",
            "-p",
            "no:cacheprovider",
            *files,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found: dict[str, set[str]] = {}
    for line in listed.stdout.splitlines():
        if match := re.fullmatch(r"(tests/\S+?::\w+)(\[.*\])?(@\S+)?", line):
            found.setdefault(match[1], set()).add(match[2] or "")
    assert found, listed.stdout + listed.stderr
    return found


def test_every_promise_is_in_the_table() -> None:
    assert list(PROOFS) == [f"C{number:02d}" for number in range(1, 51)]


@pytest.mark.xdist_group("contract")  # whoever runs one of them collects the tests of all
@pytest.mark.parametrize("number", PROOFS)
def test_a_promise_has_tests_and_they_cover_both_databases(
    number: str, collected: dict[str, set[str]]
) -> None:
    proof = PROOFS[number]
    assert [test for test in proof.tests if test not in collected] == []
    if proof.databases:
        shown = " ".join(parameter for test in proof.tests for parameter in collected[test])
        assert "sqlite" in shown and "postgres" in shown, (proof.promise, shown)
