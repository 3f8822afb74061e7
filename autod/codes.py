"""Every code by which an error, a check, a difference or a trouble in the log is known, with what happened.

People group and grep by the values, rows and checkpoints hold them: they do not change. The sentence is the
one of docs/TROUBLESHOOTING.md, which also says what to do. Among a document's checks a code may name its
field (``one_reader:issuer``); what a limit left out comes with numbers, see ``autod.domain.left_out``.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """A stable code; ``sentence`` says in plain words what happened."""

    sentence: str

    def __new__(cls, value: str, sentence: str) -> Code:
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    def of(self, name: object) -> str:
        """As it stands among a document's checks when it is about one field, or one page."""
        return f"{self}:{name}"

    # Codes
    FILE_EMPTY = "file_empty", "the file has no bytes"
    NOT_A_PDF = "not_a_pdf", "the file is not a PDF: its bytes are something else"
    PDF_DAMAGED = "pdf_damaged", "the file is damaged, and not even a repair could open it"
    PDF_ENCRYPTED = "pdf_encrypted", "the file is encrypted and needs a passphrase"
    NO_PAGES = "no_pages", "the file opens but holds no page"
    TOO_LARGE = "too_large", "the file is larger than `PAPER_AUTOPILOT_MAX_FILE_MB` allows"
    READ_TIMEOUT = "read_timeout", "reading took too long or too much memory"
    MEMORY_LIMIT = "memory_limit", "reading took too long or too much memory"
    LIMIT_EXCEEDED = "limit_exceeded", "reading took too long or too much memory"
    READER_ATTACKED = (
        "reader_attacked",
        "while this file was read, the reading process did what only an attack does, and was ended",
    )
    READER_UNCONFINED = "reader_unconfined", "this system cannot wall reading processes in, or only in part"
    READER_STOPPED = "reader_stopped", "the reading process was stopped or could not start"
    READER_UNAVAILABLE = "reader_unavailable", "the reading process was stopped or could not start"
    READER_CRASHED = "reader_crashed", "the PDF or OCR library gave up on this file"
    READER_FAILED = "reader_failed", "the PDF or OCR library gave up on this file"
    PERMISSION_DENIED = "permission_denied", "the file system refuses to read or write"
    READ_ONLY = "read_only", "the file system refuses to read or write"
    DISK_FULL = "disk_full", "the disk is full, or the quota is used up"
    SYMLINK_REFUSED = "symlink_refused", "a link or folder in the inbox"
    NOT_A_FILE = "not_a_file", "a link or folder in the inbox"
    DISK_ERROR = "disk_error", "the disk or network share gave an input/output error"
    NAME_TOO_LONG = "name_too_long", "the folder and name together are too long"
    FILE_UNAVAILABLE = "file_unavailable", "the file system refused for another reason"
    NO_SUCH_FILE = (
        "no_such_file",
        "`autod process` was given a path at which there is nothing; nothing was processed",
    )
    FILE_VANISHED = "file_vanished", "the file was gone before it could be copied"
    CLAIM_MISSING = "claim_missing", "our working copy was removed while the document waited"
    NOT_FAILED = "not_failed", "`autod retry` was given a document that is completed"
    CLAIM_DAMAGED = (
        "claim_damaged",
        "our working copy no longer has the document's bytes, and the file is not in the inbox any more; "
        "nothing was filed",
    )
    UNDERSTOOD_EARLIER = (
        "understood_earlier",
        "an earlier version was at work on the document when it was replaced",
    )
    QUESTION_OUTDATED = "question_outdated", "a question to OpenAI was lost, and settings changed meanwhile"
    CUSTODY_LOST = (
        "custody_lost",
        "neither the claimed nor the filed (or failed) copy is there with the document's bytes",
    )
    DATABASE_UNAVAILABLE = (
        "database_unavailable",
        "the server does not answer, or the SQLite file cannot be opened: its folder is not there, or may "
        "not be read",
    )
    DATABASE_URL_INVALID = "database_url_invalid", "the URL is neither SQLite nor PostgreSQL"
    DATABASE_MISSING = "database_missing", "the server has no database of that name"
    DATABASE_REFUSED = (
        "database_refused",
        "the database refuses this user: credentials or rights are wrong",
    )
    DATABASE_READ_ONLY = (
        "database_read_only",
        "the database refuses this user: credentials or rights are wrong",
    )
    DATABASE_BUSY = "database_busy", "another program held it for too long"
    LIFE_BROKEN_OFF = "life_broken_off", "the database failed while a document was in work"
    ENGINE_STALLED = (
        "engine_stalled",
        "documents wait, and for 20 seconds the engine has handed none of them out though there is room; "
        "nothing is lost",
    )
    DATABASE_FULL = "database_full", "the database's disk is full"
    INBOX_LOOP_OVERDUE = (
        "inbox_loop_overdue",
        "a daemon's inbox loop does not come round, or a step takes longer than it can",
    )
    STEPS_OVERDUE = (
        "steps_overdue",
        "a daemon's inbox loop does not come round, or a step takes longer than it can",
    )
    DATABASE_DAMAGED = "database_damaged", "the file is damaged or no database; health names it from then on"
    DATABASE_REPLACED = (
        "database_replaced",
        "the SQLite file was deleted, replaced, emptied or overwritten, or its log deleted, while the "
        "program had it open; nothing is taken from the inbox any more",
    )
    FOLDER_MISSING = (
        "folder_missing",
        "a folder is not there, or does not bear the archive's mark: its disk is probably not mounted; all "
        "work waits and no document fails",
    )
    FOLDER_UNMARKED = (
        "folder_unmarked",
        "a folder is not there, or does not bear the archive's mark: its disk is probably not mounted; all "
        "work waits and no document fails",
    )
    FOLDER_UNREACHABLE = (
        "folder_unreachable",
        "a folder is not there, or does not bear the archive's mark: its disk is probably not mounted; all "
        "work waits and no document fails",
    )
    FOLDER_OF_ANOTHER_ARCHIVE = "folder_of_another_archive", "the folder bears another archive's mark"
    FOLDER_READ_ONLY = "folder_read_only", "the folder cannot be written to; work waits"
    KNOWN_DOCUMENT = "known_document", "`autod check --forget` was given the file of a document"
    DATABASE_ERROR = "database_error", "something happened that should not"
    ROW_MISSING = "row_missing", "something happened that should not"
    SCHEMA_EMPTY = (
        "schema_empty",
        "the tables are missing. If the message names a folder, an archive's documents lie there: the URL "
        "is wrong, or the database was lost",
    )
    SCHEMA_OUTDATED = "schema_outdated", "the tables are those of an older version"
    SCHEMA_NEWER = "schema_newer", "the database belongs to a newer version"
    SQLITE_TOO_OLD = (
        "sqlite_too_old",
        "the SQLite of this Python is older than 3.35 or was built without FTS5; nothing was touched",
    )
    DATABASE_IN_USE = "database_in_use", "another process works on this database or folder"
    LOG_UNWRITABLE = "log_unwritable", "the log cannot be written"
    ALERT_CHANNEL_FAILED = (
        "alert_channel_failed",
        "a command, mail server or webhook did not take an alert; it is tried again",
    )
    TRACING_NOT_INSTALLED = (
        "tracing_not_installed",
        "`OTEL_EXPORTER_OTLP_ENDPOINT` is set, but what sends traces is not installed; work goes on",
    )
    TRACES_UNDELIVERED = "traces_undelivered", "the collector does not take traces; work goes on"
    MONITOR_PORT_UNAVAILABLE = (
        "monitor_port_unavailable",
        "the port for health and metrics is taken; the daemon works without",
    )
    MONITOR_TOKEN_MISSING = "monitor_token_missing", "health and metrics would be open to other machines"
    INTERNAL_ERROR = (
        "internal_error",
        "something that nobody foresaw; nothing is lost, and documents in work go on with the next start",
    )
    PACKAGES_MISSING = "packages_missing", "the Python that was called has none of our packages"
    PYTHON_TOO_OLD = "python_too_old", "the Python that was called is older than 3.11"
    FILE_HELD_OPEN = (
        "file_held_open",
        "a program has had a file in the inbox open for writing for a minute, and it is complete otherwise "
        "or long still",
    )
    CONFIGURATION_INVALID = "configuration_invalid", "a setting is wrong"
    USAGE = "usage", "a command was called in a way that cannot work"
    UNKNOWN_DOCUMENT = "unknown_document", "there is none of that number or name"
    UNKNOWN_FIELD = "unknown_field", "there is none of that number or name"
    UNKNOWN_TYPE = "unknown_type", "there is none of that number or name"
    UNKNOWN_STATUS = "unknown_status", "there is none of that number or name"
    BAD_DATE = "bad_date", "what was typed has not the form that it needs"
    BAD_CHANGE = "bad_change", "what was typed has not the form that it needs"
    DOCUMENT_SUPERSEDED = "document_superseded", "a later document stands for this one"
    RETRY_WAITS = "retry_waits", "the daemon that was to retry the document has ended"
    NOT_TAKEN = "not_taken", "something lies in the inbox that is not taken"
    DOCUMENT_FAILED = "document_failed", "a file cannot be processed"

    # Codes of backup and restore
    BACKUP_NO_SPACE = "backup_no_space", "the disk is full, or the folder refuses"
    BACKUP_UNWRITABLE = "backup_unwritable", "the disk is full, or the folder refuses"
    BACKUP_RUNNING = "backup_running", "another backup into this folder is under way"
    BACKUP_CHANGED = "backup_changed", "a file changed while it was read"
    BACKUP_FAILED = "backup_failed", "a file changed while it was read"
    BACKUP_INCOMPLETE = "backup_incomplete", "documents had lost their files before"
    BACKUP_TOOL_MISSING = "backup_tool_missing", "no `pg_dump` or `pg_restore`, or older than the server"
    BACKUP_TOOL_OLD = "backup_tool_old", "no `pg_dump` or `pg_restore`, or older than the server"
    BACKUP_DUMP_FAILED = "backup_dump_failed", "`pg_dump` was refused"
    BACKUP_MISSING = "backup_missing", "there is no such archive"
    BACKUP_DAMAGED = "backup_damaged", "the archive is damaged, cut off, or not one of ours"
    BACKUP_NEWER = "backup_newer", "it was made by a newer version"
    RESTORE_NOT_EMPTY = "restore_not_empty", "there is a database or there are files already"
    RESTORE_OTHER_DATABASE = (
        "restore_other_database",
        "the archive is one of SQLite and the database is PostgreSQL, or the other way",
    )
    RESTORE_LOAD_FAILED = "restore_load_failed", "`pg_restore` was refused; nothing was loaded"
    RESTORE_UNWRITABLE = "restore_unwritable", "there is no space or no access where it is restored to"
    RESTORE_UNFINISHED = "restore_unfinished", "a restore into these folders was cut off"
    VERIFY_REFUSED = "verify_refused", "the role may not create a scratch database"

    # Codes of the OpenAI engine
    WORKER_SILENT = "worker_silent", "a machine of the fleet gives no sign of life"
    WORKER_GIVEN_UP = "worker_given_up", "this machine was silent for so long that others took its work"
    FILES_ELSEWHERE = "files_elsewhere", "only a stopped machine has the files of some documents"
    COST_CAP_REACHED = "cost_cap_reached", "a cap for the document, day or month is reached"
    OPENAI_KEY_MISSING = (
        "openai_key_missing",
        "there is no key, a wrong one, or a key file that others can read",
    )
    OPENAI_KEY_REFUSED = (
        "openai_key_refused",
        "there is no key, a wrong one, or a key file that others can read",
    )
    OPENAI_KEY_FILE_OPEN = (
        "openai_key_file_open",
        "there is no key, a wrong one, or a key file that others can read",
    )
    OPENAI_ACCOUNT_REFUSED = "openai_account_refused", "the project has no rights or no budget"
    OPENAI_QUOTA_EXHAUSTED = "openai_quota_exhausted", "the project has no rights or no budget"
    OPENAI_MODEL_UNAVAILABLE = "openai_model_unavailable", "the service does not offer this model to you"
    OPENAI_PRICE_UNKNOWN = "openai_price_unknown", "nobody knows the price of the model, and a cap needs one"
    OPENAI_UNREACHABLE = "openai_unreachable", "the network or the service fails"
    OPENAI_FAILING = "openai_failing", "the network or the service fails"
    OPENAI_CIRCUIT_OPEN = "openai_circuit_open", "the network or the service fails"
    SERVICE_FAILED = "service_failed", "a service that is asked failed or refused"
    OPENAI_NOT_FOUND = "openai_not_found", "the service does not have, or no longer has, what was asked for"
    OPENAI_RATE_LIMITED = "openai_rate_limited", "we asked too fast, or there is no room in the cheaper tier"
    OPENAI_FLEX_UNAVAILABLE = (
        "openai_flex_unavailable",
        "we asked too fast, or there is no room in the cheaper tier",
    )
    OPENAI_BUSY = "openai_busy", "we asked too fast, or there is no room in the cheaper tier"
    OPENAI_OUTCOME_UNKNOWN = (
        "openai_outcome_unknown",
        "the call was sent and its answer lost, or something else came in its place; it may have been billed",
    )
    OPENAI_ANSWER_UNSEEN = (
        "openai_answer_unseen",
        "such an answer cannot be looked for now, or the look was refused",
    )
    OPENAI_CONVERSATION_GONE = (
        "openai_conversation_gone",
        "what led back to an answer does not exist any more",
    )
    OPENAI_USAGE_UNBELIEVABLE = (
        "openai_usage_unbelievable",
        "the service counted more tokens than the call can have used, or told what is no number of tokens; "
        "the most that it can cost was entered",
    )
    BAD_VALUE = "bad_value", "what was given is no value of its kind: no amount, no date, no word of the list"
    UNKNOWN_CALL = "unknown_call", "there is no call of that number"
    COST_BEYOND_RESERVATION = (
        "cost_beyond_reservation",
        "`autod costs settle` was given far more than the call can have cost",
    )
    CALL_NOT_OPEN = (
        "call_not_open",
        "a call whose cost is known, or that is still open, cannot be settled by hand",
    )
    OPENAI_BATCH_WAITING = (
        "openai_batch_waiting",
        "the document waits for a batch of the service, up to a day",
    )
    OPENAI_BATCH_EXPIRED = (
        "openai_batch_expired",
        "a batch ended before it got to this question; it was not paid for",
    )
    OPENAI_BATCH_UNREADABLE = (
        "openai_batch_unreadable",
        "the answers of a batch did not arrive whole: half a file, or a proxy's page",
    )
    OPENAI_BATCH_GAVE_UP = "openai_batch_gave_up", "three batches ended without an answer"
    OPENAI_ANSWER_LATE = (
        "openai_answer_late",
        "the answer is not ready after a quarter of an hour",
    )
    OPENAI_ANSWER_TRUNCATED = (
        "openai_answer_truncated",
        "the answer was cut off at the token limit, twice: the second time at the highest",
    )
    OPENAI_ANSWER_FAILED = (
        "openai_answer_failed",
        "the service failed, or was told to stop, while it wrote the answer",
    )
    OPENAI_ANSWER_CANCELLED = (
        "openai_answer_cancelled",
        "the service failed, or was told to stop, while it wrote the answer",
    )
    OPENAI_DOCUMENT_REFUSED = (
        "openai_document_refused",
        "the service cannot work on what was sent: a picture that it does not take, or its rules",
    )
    OPENAI_ANSWER_REFUSED = "openai_answer_refused", "the model gave nothing to use"
    OPENAI_ANSWER_FILTERED = "openai_answer_filtered", "the model gave nothing to use"
    OPENAI_ANSWER_EMPTY = "openai_answer_empty", "the model gave nothing to use"
    OPENAI_ANSWER_INVALID = "openai_answer_invalid", "the model gave nothing to use"
    OPENAI_ANSWER_UNUSABLE = "openai_answer_unusable", "the model gave nothing to use"
    OPENAI_DOCUMENT_TOO_LARGE = "openai_document_too_large", "a page is more than the service takes"
    OPENAI_REQUEST_REFUSED = "openai_request_refused", "something happened that should not"
    OPENAI_HANDLE_EMPTY = "openai_handle_empty", "something happened that should not"
    ISOLATION_TOO_WEAK = "isolation_too_weak", "something happened that should not"
    OPENAI_BASE_URL_WRONG = (
        "openai_base_url_wrong",
        "at this address is no such service: `/v1` may be missing, or it redirects",
    )
    OPENAI_ANSWER_NOT_JSON = (
        "openai_answer_not_json",
        "something else answers in the service's place: a proxy, a firewall, a network that wants a sign-in",
    )
    OPENAI_CERTIFICATE_REFUSED = (
        "openai_certificate_refused",
        "the certificate at that address is not trusted",
    )
    OPENAI_ORGANIZATION_UNVERIFIED = (
        "openai_organization_unverified",
        "the service wants your organization to be verified for this model",
    )
    OPENAI_SETTINGS_REFUSED = (
        "openai_settings_refused",
        "the model does not take a setting that all questions have, such as the effort",
    )
    VECTOR_STORE_MISSING = "vector_store_missing", "the configured store does not exist"
    VECTOR_STORE_OFF = "vector_store_off", "the command needs a vector store, and none is in use"
    VECTOR_FILE_FAILED = "vector_file_failed", "the store could not take the file, or took too long"
    VECTOR_FILE_SLOW = "vector_file_slow", "the store could not take the file, or took too long"
    FILE_TOO_LARGE = (
        "file_too_large",
        "a document was left out of the vector store: it is over the limit of size, or has no words",
    )
    NO_TEXT = (
        "no_text",
        "a document was left out of the vector store: it is over the limit of size, or has no words",
    )

    # Codes of the privacy policy
    PRIVACY_LOCAL = (
        "privacy_local",
        "a document of a class that must stay here was about to leave; nothing was sent",
    )
    PRIVACY_UNNAMED = (
        "privacy_unnamed",
        "the program tried to send something without saying whose it is, or without its record; nothing was"
        " sent",
    )
    PRIVACY_NO_DOOR = (
        "privacy_no_door",
        "the program tried to send something without saying whose it is, or without its record; nothing was"
        " sent",
    )

    # Differences that `autod check` finds
    FILED_MISSING = "filed_missing", "the filed file is gone, or has other bytes"
    FILED_DIFFERS = "filed_differs", "the filed file is gone, or has other bytes"
    FILED_MOVED = "filed_moved", "somebody moved the filed file within `processed/`"
    FAILED_MISSING = "failed_missing", "a failed document's file is not in `failed/`"
    ROW_STUCK = "row_stuck", "a document waits for more than an hour and our working copy is gone"
    SEARCH_MISSING = "search_missing", "search does not know a filed document, or not by its own words"
    SEARCH_DIFFERS = "search_differs", "search does not know a filed document, or not by its own words"
    RECORD_INCOMPLETE = (
        "record_incomplete",
        "pages or field values of a filed document are gone from the database",
    )
    HISTORY_MISSING = "history_missing", "no event tells what happened to a document's file"
    ROWS_LEFT_OVER = "rows_left_over", "rows are left of a document that somebody deleted by hand"
    FILE_UNKNOWN = "file_unknown", "no document has these bytes"
    CLAIM_UNKNOWN = "claim_unknown", "no document has the bytes of a file in our claimed store"
    SEARCH_DAMAGED = "search_damaged", "the search index in the SQLite file is damaged, or lacks words"
    DATABASE_INDEX_DAMAGED = (
        "database_index_damaged",
        "an index of a table, or the file's own bookkeeping, is damaged",
    )
    TABLE_DAMAGED = (
        "table_damaged",
        "rows themselves are damaged; nothing else holds them, so nothing is mended",
    )
    ROWS_UNLINKED = "rows_unlinked", "rows name a row that is not there"
    FILE_UNREADABLE = "file_unreadable", "a file cannot be read"
    FILE_DOUBLED = "file_doubled", "there is a second copy beside the filed one"
    FAILED_LEFT_OVER = "failed_left_over", "a copy is left of what has its place elsewhere"
    CLAIM_LEFT_OVER = "claim_left_over", "a copy is left of what has its place elsewhere"
    REASON_LEFT_OVER = "reason_left_over", "a file of ours is left that nobody needs"
    SIDECAR_LEFT_OVER = "sidecar_left_over", "a file of ours is left that nobody needs"
    SCRATCH_LEFT_OVER = "scratch_left_over", "a file of ours is left that nobody needs"
    SUPERSEDED_LEFT_OVER = (
        "superseded_left_over",
        "the file of an unfinished document is left, and a later one stands for it",
    )
    KEPT_CHANGED = "kept_changed", "a file that was kept in the inbox was written to after it was taken"
    KEPT_LEFT_OVER = (
        "kept_left_over",
        "a file was kept in the inbox for its time, and nobody looked at it again",
    )
    LEAVING_LEFT_OVER = "leaving_left_over", "a file was about to leave the inbox when the power went"

    # Checks of a document
    TAX_EXCEEDS_TOTAL = "tax_exceeds_total", "the tax is more than the total"
    TAX_EQUALS_TOTAL = "tax_equals_total", "tax and total are the same amount"
    DUE_EXCEEDS_TOTAL = "due_exceeds_total", "more is to be paid than the total"
    LINE_ITEMS_DISAGREE = (
        "line_items_disagree",
        "the rows do not add up to the total, and no subtotal on the page has their sum",
    )
    ROW_DISAGREES = "row_disagrees", "quantity times unit price is not a row's amount"
    NEGATIVE_AMOUNT = "negative_amount", "an amount is below zero on a document of a kind that has none such"
    AMOUNT_OUT_OF_RANGE = "amount_out_of_range", "an amount is larger than lists and search can hold"
    CURRENCY_UNKNOWN = "currency_unknown", "the currency is no code of ISO 4217"
    IBAN_CHECK_DIGITS = "iban_check_digits", "the check digits of the IBAN are wrong"
    DATE_IN_FUTURE = "date_in_future", "the document's date is more than a year ahead"
    DATE_TOO_OLD = "date_too_old", "the document's date is before 1900"
    DUE_BEFORE_DATE = "due_before_date", "it is to be paid before its own date"
    DUE_DATE_FAR = "due_date_far", "it is to be paid more than three years after its date"
    PERIOD_REVERSED = "period_reversed", "the period ends before it begins"
    SAME_PARTY = "same_party", "issuer and recipient are the same name"
    HIDDEN_TEXT = "hidden_text", "the file holds text that its pages do not show"
    UNGROUNDED = "ungrounded", "a value was dropped because no page says it, or a part of a list"
    INVALID = "invalid", "a value was dropped because it has not the form of its field"
    EMBEDDED_DISAGREES = (
        "embedded_disagrees",
        "the page shows another value than the file states for machines",
    )
    EMBEDDED_NOT_SHOWN = "embedded_not_shown", "the page does not show what the file states for machines"
    EMBEDDED_UNREADABLE = (
        "embedded_unreadable",
        "what the file states for machines (its form, its e-invoice) cannot be read",
    )
    READERS_DIFFER = "readers_differ", "the model and the embedded engine read different values"
    ONE_READER = "one_reader", "only the model found it, and neither a sum nor a label bears it out"
    PAID_VALUES_DROPPED = (
        "paid_values_dropped",
        "no page says anything of what the model said; what you see are the values of the embedded engine",
    )
    REPAIRED = "repaired", "the file was damaged, and was read from a repaired copy"
    PAGE_FAILED = "page_failed", "a page is damaged and cannot be opened"

    # What a limit left out
    PAGES_NOT_READ = (
        "pages_not_read",
        "pages were not read: they are pictures beyond the limit for OCR, or beyond the 20,000th page",
    )
    OCR_UNAVAILABLE = "ocr_unavailable", "pages need OCR, and none is in use"
    PAGES_FAILED = "pages_failed", "pages are damaged and could not be opened"
    PAGES_CUT = "pages_cut", "pages hold more text than is read of one page (400,000 characters)"
    PAGES_TEXT_ONLY = (
        "pages_text_only",
        "pages are found by search, but no values were looked for after the millionth word",
    )
    PAGES_COARSE = (
        "pages_coarse",
        "pages are so large, as posters are, that OCR saw their small print coarsely",
    )
    FORM_FIELDS_LEFT_OUT = (
        "form_fields_left_out",
        "form fields, or ends of their values, were not read: those beyond the 5,000th, and very long ones",
    )
    ATTACHMENTS_NOT_READ = (
        "attachments_not_read",
        "attached files that may be an e-invoice were too many (more than 50) or too large (over 5 MB)",
    )
    DOCUMENTS_INSIDE = "documents_inside", "documents lie inside this PDF and were not read"
    FORM_NOT_READ = (
        "form_not_read",
        "form is of the kind that only Adobe's programs show (XFA), and was not read",
    )
    EMBEDDED_NOT_READ = "embedded_not_read", "form or set of attached files is damaged and was not read"
    SENT_PAGES_CUT = (
        "sent_pages_cut",
        "pages were sent to the model without their ends: they have more than 60,000 characters",
    )
    LINE_ITEMS_LEFT_OUT = (
        "line_items_left_out",
        "line items were not taken over",
    )
    METER_READINGS_LEFT_OUT = (
        "meter_readings_left_out",
        "meter readings were not taken over",
    )
    ADDRESSES_LEFT_OUT = (
        "addresses_left_out",
        "addresses were not taken over",
    )
    ACTION_ITEMS_LEFT_OUT = (
        "action_items_left_out",
        "things to do were not taken over",
    )
    VALUES_CUT = "values_cut", "values are longer than is kept for lists and search"
    SEARCH_WORDS_LEFT_OUT = "search_words_left_out", "words are too many for the search index of PostgreSQL"


class Reason(StrEnum):
    """Why a value waits for a person: a stable code beside the field's name, and a sentence."""

    sentence: str

    def __new__(cls, value: str, sentence: str) -> Reason:
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    READERS_DIFFER = "readers_differ", "the model and the embedded engine read different values"
    ONE_READER = "one_reader", "only the model found it, and neither a sum nor a label bears it out"
    NOT_ON_PAGE = "not_on_page", "a part of what the model said is not on the page and was dropped"
    ARITHMETIC = "arithmetic", "amounts of the document do not fit together"
    IMPLAUSIBLE = "implausible", "it contradicts another value, the calendar or a standard"
    SAME_PARTY = "same_party", "issuer and recipient are the same name"
    CONTRADICTS_XML = "contradicts_xml", "the page says another value than the file states for machines"
    XML_NOT_ON_PAGE = "xml_not_on_page", "the page does not show what the file states for machines"
    UNSEEN_TEXT = "unseen_text", "the document hides text that a person does not see"
    TOO_LARGE = "too_large_or_long", "it was too large or too long to be kept whole for lists"
    LOW_CONFIDENCE = "low_confidence", "it was found, but not surely enough"
