"""Settings: one frozen class, read once at the edge and passed down as values.

Sources, the first wins: environment, ``.env`` in the working directory, the defaults here.
``.env.example`` and docs/configuration.md are generated from this class.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from autod.domain.privacy import PrivacyPolicy
from autod.errors import ConfigurationError
from autod.former_settings import built_in, former_names
from autod.masking import addresses_in, hide, is_url, masked, secrets_in_url, shown_url
from autod.words import ocr_languages

PREFIX = "PAPER_AUTOPILOT_"
SHOWN_ADDRESSES = ("db_url", "alert_smtp_url")
"""Secret settings of which only parts are: where they lead to may be seen."""
NO_LIMIT = ("cap_document_usd", "cap_day_usd", "cap_month_usd")
"""Settings with a default that may be emptied: each sets no limit then, and not its default."""
PLATFORM_NAMES = ("openai_api_key", "openai_base_url", "otel_exporter_otlp_endpoint")


class OcrChoice(StrEnum):
    """``auto`` takes Tesseract where its language files are installed, else the one from the wheel."""

    AUTO = "auto"
    TESSERACT = "tesseract"
    RAPIDOCR = "rapidocr"
    OFF = "off"


class EngineChoice(StrEnum):
    """``auto`` is OpenAI when a key or a server of our own is set, else the embedded engine."""

    AUTO = "auto"
    LOCAL = "local"
    OPENAI = "openai"


class OpenAIServer(StrEnum):
    """What answers at OPENAI_BASE_URL; all but ``openai`` are servers of our own, and free."""

    OPENAI = "openai"
    OLLAMA = "ollama"
    VLLM = "vllm"
    LLAMACPP = "llamacpp"
    LMSTUDIO = "lmstudio"
    OTHER = "other"


class AtCap(StrEnum):
    """What documents do when a cost cap is reached."""

    WAIT = "wait"
    LOCAL = "local"


class VectorStoreChoice(StrEnum):
    """Where documents are found by meaning; they stay at OpenAI until they are removed."""

    OFF = "off"
    OPENAI = "openai"


class Settings(BaseSettings):
    """Every setting of the product, in the groups that the documents show."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    db_url: SecretStr = Field(
        SecretStr("sqlite:///paper_autopilot.db"),
        description="Database: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/paper_autopilot.",
    )
    db_pool_size: int = Field(
        5, ge=1, le=100, description="Connections kept open to PostgreSQL; as many again on demand."
    )

    inbox_dir: Path = Field(Path("inbox"), description="Folder that is watched for PDFs.")
    processed_dir: Path = Field(Path("processed"), description="Folder where documents are filed.")
    failed_dir: Path = Field(Path("failed"), description="Folder for files that could not be processed.")
    work_dir: Path = Field(
        Path(".autod"), description="Claimed copies and the lock; same disk as processed_dir is fastest."
    )
    claimed_dir: Path | None = Field(
        None,
        description="Claimed copies on a disk that all machines of a fleet share; empty: in work_dir.",
    )
    umask: str = Field(
        "077",
        pattern=r"^0?[0-7]{3}$",
        description="Rights taken from files and folders made anew; 027 lets the group read.",
    )

    quiet_seconds: float = Field(
        0.3, ge=0, le=60, description="How long a complete file must be unchanged before it is taken."
    )
    patience_seconds: float = Field(
        30.0,
        ge=0,
        le=86400,
        description="How long an incomplete file may stay unchanged before it is taken as it is.",
    )
    workers: int = Field(2, ge=1, le=64, description="Documents processed at the same time.")
    stop_seconds: float = Field(
        20.0, ge=0, le=600, description="How long a stopping daemon waits for documents in work."
    )

    read_timeout_seconds: float = Field(
        120.0,
        gt=0,
        le=3600,
        description="Time limit for reading a document, and again for understanding it.",
    )
    read_memory_mb: int = Field(
        3072, ge=256, le=65536, description="Memory limit of the process that opens documents."
    )
    max_file_mb: int = Field(200, ge=1, le=4096, description="Largest file that is opened.")
    max_pages: int = Field(
        500,
        ge=1,
        le=10000,
        description="Most pages of one document put through OCR; pages with a text layer are all read.",
    )
    ocr_engine: OcrChoice = Field(
        OcrChoice.AUTO, description="auto, tesseract, rapidocr or off (pages without text stay empty)."
    )
    ocr_languages: str = Field(
        ocr_languages(),
        pattern=r"^[a-z_]+(\+[a-z_]+)*$",
        description="Tesseract languages, those installed are used.",
    )
    review_below: float = Field(
        0.6, ge=0, le=1, description="Fields with a confidence below this wait for review."
    )

    engine: EngineChoice = Field(
        EngineChoice.AUTO, description="auto (OpenAI when a key is set), local (embedded, free) or openai."
    )
    openai_api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("OPENAI_API_KEY", "openai_api_key"),
        description="Key for the OpenAI platform; empty means the embedded engine.",
    )
    openai_api_key_file: Path | None = Field(
        None,
        description="File that holds the key instead, mode 0600; a new key in it is taken without a restart.",
    )
    openai_base_url: str = Field(
        "https://api.openai.com/v1",
        validation_alias=AliasChoices("OPENAI_BASE_URL", "openai_base_url"),
        description="Address of the service; for Azure https://NAME.openai.azure.com/openai/v1.",
    )
    openai_server: OpenAIServer = Field(
        OpenAIServer.OPENAI,
        description="What answers there: openai (Azure too), or a server of your own: free, without a key.",
    )
    openai_model: str = Field("gpt-6-luna", max_length=128, description="Model that reads documents.")
    openai_effort: str | None = Field(None, description="Reasoning effort; empty takes what suits the model.")
    openai_form: Literal["auto", "text", "file", "images"] = Field(
        "auto",
        description="What is sent: auto is text where the PDF has it, else the file; own servers get text, "
        "with images also pictures of the pages (for models that see).",
    )
    openai_max_output_tokens: int = Field(
        16000, ge=16, le=128000, description="Most tokens of one answer, reasoning included."
    )
    openai_timeout_seconds: float = Field(
        600.0, gt=0, le=3600, description="Longest silence of the service within one request."
    )
    openai_flex: bool = Field(
        False, description="Ask for the cheaper, slower tier; the standard one serves when it has no room."
    )
    openai_paying_once: Literal["conversation", "background", "direct"] = Field(
        "conversation",
        description="What protects a call from being paid twice; direct keeps nothing at the service.",
    )
    openai_concurrency: int = Field(
        100, ge=1, le=1000, description="Most documents asked about at a time, by all machines together."
    )
    openai_documents_per_minute: int | None = Field(
        None,
        ge=1,
        le=100_000,
        description="Most documents asked about in a minute, by all machines together; "
        "empty keeps to the limit that the service announces.",
    )

    privacy: str = Field(
        "",
        description="Kinds or categories that stay here: medical: local, identity: local (docs/PRIVACY.md).",
    )

    openai_price_file: Path | None = Field(
        None, description="Your own prices (YAML); they win over the built-in ones."
    )
    cap_document_usd: Decimal | None = Field(
        Decimal("0.50"), ge=0, description="Most US dollars for one document; empty sets no limit."
    )
    cap_day_usd: Decimal | None = Field(
        Decimal(5), ge=0, description="Most US dollars in a day (UTC); empty sets no limit."
    )
    cap_month_usd: Decimal | None = Field(
        Decimal(50), ge=0, description="Most US dollars in a month (UTC); empty sets no limit."
    )
    at_cap: AtCap = Field(
        AtCap.WAIT, description="wait until the cap starts anew, or local: read with the embedded engine."
    )

    vector_store: VectorStoreChoice = Field(
        VectorStoreChoice.OFF,
        description="off, or openai: documents are kept there until they are removed.",
    )
    vector_store_id: str | None = Field(
        None, description="An existing store to use; empty finds ours or makes it."
    )
    vector_store_max_mb: int = Field(10, ge=1, le=512, description="Larger files are not put there.")

    monitor_port: int = Field(
        8737, ge=0, le=65535, description="The daemon's own port for health and metrics; 0 opens none."
    )
    monitor_host: str = Field(
        "127.0.0.1", min_length=1, description="Where it listens; beyond this machine only with a token."
    )
    monitor_token: SecretStr | None = Field(
        None, min_length=16, description="What callers must send: `Authorization: Bearer TOKEN`."
    )
    otel_exporter_otlp_endpoint: str | None = Field(
        None,
        pattern=r"^https?://",
        validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_ENDPOINT", "otel_exporter_otlp_endpoint"),
        description="OpenTelemetry collector for traces, over HTTP, such as http://127.0.0.1:4318.",
    )

    alert_command: str | None = Field(
        None, description="Program that is run with each alert, as JSON on its standard input; no shell."
    )
    alert_webhook_url: SecretStr | None = Field(
        None, description="Address that each alert is posted to, as JSON."
    )
    alert_apprise_url: SecretStr | None = Field(
        None,
        description="Services that apprise knows, by addresses such as ntfys://TOPIC with spaces between; "
        "needs the extra `notify`.",
    )
    alert_email_to: str | None = Field(None, description="Mail addresses for alerts, separated by commas.")
    alert_email_from: str | None = Field(
        None, description="Sender of these mails; empty: the first recipient."
    )
    alert_smtp_url: SecretStr = Field(
        SecretStr("smtp://127.0.0.1:25"),
        description="Mail server: smtps://USER:PASSWORD@HOST:465, or smtp://HOST:587 with STARTTLS.",
    )
    alert_disk_gb: float = Field(2.0, ge=0, le=100000, description="Free space below which an alert is due.")
    alert_cost_day_usd: Decimal | None = Field(
        None, ge=0, description="US dollars in a day (UTC); empty: four fifths of the day's cap."
    )

    backup_dir: Path = Field(
        Path("backups"), description="Folder for the archives of `autod backup`; best on another disk."
    )
    backup_keep_days: int = Field(
        30, ge=1, le=3650, description="Days that an archive is kept; the newest one always is."
    )
    backup_keep_gb: float | None = Field(
        None,
        gt=0,
        le=1_000_000,
        description="Most gigabytes of archives, the oldest go first; empty sets no limit beside the days.",
    )

    log_file: Path = Field(Path("logs/paper_autopilot.log"), description="JSON Lines log.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )
    log_max_mb: int = Field(50, ge=1, le=1024, description="Size at which the log is rotated.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Before each source, what it empties: sources leave out what is empty in them."""
        file = getattr(dotenv_settings, "env_file", None)
        encoding = getattr(dotenv_settings, "env_file_encoding", None)
        whole_file = DotEnvSettingsSource(settings_cls, file, encoding, env_ignore_empty=False)
        whole_environment = EnvSettingsSource(settings_cls, env_ignore_empty=False)
        return (
            init_settings,
            _emptied_in(whole_environment),
            env_settings,
            _emptied_in(whole_file),
            dotenv_settings,
        )

    @field_validator(*NO_LIMIT, mode="before")
    @classmethod
    def _no_limit(cls, value: Any) -> Any:
        return None if isinstance(value, str) and value.strip().lower() in ("", "none") else value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("db_url")
    @classmethod
    def _known_database(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("must start with sqlite:/// or postgresql://")
        return value

    @field_validator("privacy")
    @classmethod
    def _known_classes(cls, value: str) -> str:
        PrivacyPolicy.parse(value)
        return value

    @property
    def privacy_policy(self) -> PrivacyPolicy:
        """Which classes of documents may leave this machine."""
        return PrivacyPolicy.parse(self.privacy)

    @property
    def uses_openai(self) -> bool:
        """Whether documents are read over the API of OpenAI."""
        has_key = self.openai_api_key is not None or self.openai_api_key_file is not None
        wished = has_key or self.own_server
        return self.engine is EngineChoice.OPENAI or (self.engine is EngineChoice.AUTO and wished)

    @property
    def own_server(self) -> bool:
        """Whether a server of our own answers instead of OpenAI: without a catalogue, prices or stores."""
        return self.openai_server is not OpenAIServer.OPENAI

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [(name, shown_value(name, getattr(self, name))) for name in type(self).model_fields]

    @property
    def paper_autopilot_db_url(self) -> str:
        """The database URL, password included: pass it to a database, never print it."""
        return self.db_url.get_secret_value()


def _emptied_in(source: EnvSettingsSource) -> InitSettingsSource:
    """The settings of ``NO_LIMIT`` that ``source`` holds and leaves empty."""
    empty: dict[str, Any] = {
        name: None for name in NO_LIMIT if source.env_vars.get(variable_name(name).lower()) == ""
    }
    return InitSettingsSource(source.settings_cls, empty)


def secrets_of(settings: Settings) -> set[str]:
    """What must not be seen of the settings: secret values, and the secret parts of every address."""
    secrets = set[str]()
    for name in Settings.model_fields:
        value = getattr(settings, name)
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not isinstance(text, str):
            continue
        if is_url(text):
            whole = isinstance(value, SecretStr) and name not in SHOWN_ADDRESSES
            for address in addresses_in(text):
                secrets |= secrets_in_url(address, whole=whole)
        elif isinstance(value, SecretStr):
            secrets.add(text)
    return secrets


def shown_value(name: str, value: Any) -> str:
    """A setting's value as text for people and programs, without what is secret in it."""
    secret = isinstance(value, SecretStr)
    text = value.get_secret_value() if secret else "" if value is None else str(value)
    if is_url(text):
        whole = secret and name not in SHOWN_ADDRESSES
        return " ".join(shown_url(address, whole=whole) for address in addresses_in(text))
    return "***" if secret and text else masked(text)


def variable_name(field: str) -> str:
    """The environment variable that sets ``field``."""
    return field.upper() if field in PLATFORM_NAMES else PREFIX + field.upper()


def load_settings(env_file: Path | None = Path(".env"), **overrides: Any) -> Settings:
    """Read the settings now; their secrets are masked from here on.

    Raises:
        ConfigurationError: one line for each wrong setting, values left out.
    """
    lines = _unknown(env_file)
    try:
        settings = Settings(_env_file=env_file, **overrides)
    except ValidationError as error:
        lines += [
            f"{variable_name(str(e['loc'][0])) if e['loc'] else 'settings'}: {e['msg']}"
            for e in error.errors(include_input=False, include_url=False)
        ]
        raise ConfigurationError("\n".join(lines)) from None
    if lines:
        raise ConfigurationError("\n".join(lines))
    hide(*secrets_of(settings))
    return settings


def _unknown(env_file: Path | None) -> list[str]:
    """A misspelled name would be ignored in silence, and its default used."""
    from difflib import get_close_matches

    from dotenv import dotenv_values

    known = {variable_name(field) for field in Settings.model_fields}
    given = {*os.environ, *(dotenv_values(env_file) if env_file else ())}
    wrong = sorted(n for n in given if n.upper().startswith(PREFIX) and n.upper() not in known)
    former = former_names(wrong)
    lines = [f"{name}: no longer read; {advice}" for name, advice in former.items() if not built_in(name)]
    for name in wrong:
        close = get_close_matches(name.upper(), known, n=1)
        if name not in former:
            lines.append(f"{name}: no such setting" + (f"; did you mean {close[0]}?" if close else ""))
    return lines


@lru_cache(maxsize=1)
def get_config() -> Settings:
    """The process's settings, read once."""
    return load_settings()
