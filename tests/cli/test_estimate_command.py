"""``autod process --estimate`` prices files before anything is sent, and touches nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from autod import config
from autod.assembly.archive import utc_now
from autod.cli.main import cli
from autod.config import OpenAIServer
from autod.db import disclosures, documents
from autod.db.manager import DatabaseManager
from autod.db.schema import upgrade
from autod.domain.money import Caps, Priced, TokenUse
from autod.domain.privacy import Purpose, SentForm, Share
from autod.dryrun.estimate import Sized, estimate, size_files
from autod.errors import UsageError
from autod.extract.openai import estimate as arithmetic
from autod.extract.openai.prices import Prices
from tests.cli.test_costs_command import reserved
from tests.db.samples import admitted
from tests.extract.test_einvoice import cii
from tests.openai.conftest import OpenDoor
from tests.openai.stub import KEY, Stub, Trouble, serving
from tests.paper import INVOICE, MEDICAL_REPORT, pdf_of, with_attachment
from tests.settings import settings_in


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory with two PDFs and something else in a folder."""
    folder = tmp_path / "scans"
    (folder / "deeper").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (folder / "a.pdf").write_bytes(pdf_of())
    (folder / "deeper" / "b.PDF").write_bytes(pdf_of((*INVOICE, "b"), pages=3))
    (folder / ".hidden" / "c.pdf").write_bytes(pdf_of())
    (folder / "notes.txt").write_text("no PDF")
    monkeypatch.chdir(tmp_path)
    config.get_config.cache_clear()
    yield tmp_path
    config.get_config.cache_clear()


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    with serving() as (stub, url):
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield stub


def said(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["process", "--estimate", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def told(*arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(said(*arguments, "--json"))
    return answer


def everything(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*"))


def test_a_folder_is_priced_and_nothing_is_sent_made_or_moved(place: Path, stub: Stub) -> None:
    before = everything(place)
    answer = told("scans")
    assert [Path(row["file"]).name for row in answer["documents"]] == ["a.pdf", "b.PDF"]
    assert [row["pages"] for row in answer["documents"]] == [1, 3]
    assert Decimal(answer["total"]["most_usd"]) > Decimal(answer["total"]["expected_usd"]) > 0
    assert everything(place) == before
    assert stub.requests == []


def test_without_a_name_the_inbox_is_priced_where_it_lies(place: Path, stub: Stub) -> None:
    (place / "inbox").mkdir()
    (place / "inbox" / "x.pdf").write_bytes(pdf_of())
    assert [Path(row["file"]).name for row in told()["documents"]] == ["x.pdf"]
    assert [path.name for path in (place / "inbox").iterdir()] == ["x.pdf"]


def test_no_key_is_needed_to_know_what_one_would_cost(place: Path) -> None:
    assert Decimal(told("scans")["total"]["expected_usd"]) > 0


def test_a_person_sees_the_lanes_the_caps_and_how_it_was_counted(place: Path, stub: Stub) -> None:
    shown = said("scans")
    for words in ("standard (set)", "flex", "batch", "Cache works", "$5.00 a day", "Nothing was sent"):
        assert words in shown


def test_a_file_that_is_none_is_named_and_costs_nothing(place: Path) -> None:
    (place / "bad.pdf").write_bytes(b"<html>")
    answer = told("bad.pdf", "missing.pdf")
    assert [row["error"]["code"] for row in answer["documents"]] == ["not_a_pdf", "file_vanished"]
    assert Decimal(answer["total"]["most_usd"]) == 0


def test_the_same_bytes_cost_once_and_filed_ones_nothing(place: Path) -> None:
    (place / "twin.pdf").write_bytes(pdf_of())
    first, twin = told("scans/a.pdf", "twin.pdf")["documents"]
    assert (first["twin"], twin["twin"], Decimal(twin["most_usd"])) == (False, True, 0)
    upgrade("sqlite:///paper_autopilot.db")
    with DatabaseManager("sqlite:///paper_autopilot.db") as manager, manager.get_session() as session:
        (sized,) = size_files(config.get_config(), [Path("twin.pdf")])
        number = admitted(session, sha256=sized.sha256)
    (filed,) = told("twin.pdf")["documents"]
    assert (filed["duplicate_of"], Decimal(filed["most_usd"])) == (number, 0)


def test_what_was_spent_before_counts_towards_the_caps(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPER_AUTOPILOT_CAP_DAY_USD", "0.5001")
    upgrade("sqlite:///paper_autopilot.db")
    with DatabaseManager("sqlite:///paper_autopilot.db") as manager, manager.get_session() as session:
        reserved(session, None, utc_now(), "gpt-6-luna")
    answer = told("scans")
    assert Decimal(answer["spent"]["day_usd"]) == Decimal("0.5")
    assert [row["stopped_by"] for row in answer["documents"]] == ["day", "day"]


def test_our_count_is_near_the_services_and_the_reservation_is_never_below_it(
    place: Path, stub: Stub, tmp_path: Path
) -> None:
    from autod.app import App
    from autod.assembly.service import open_client

    (place / "long.pdf").write_bytes(pdf_of([f"Row {n}: copper pipe of 15 mm" for n in range(30)], pages=9))
    settings = config.get_config()
    upgrade(settings.paper_autopilot_db_url)
    for path in (Path("scans/a.pdf"), Path("long.pdf")):
        (sized,) = size_files(settings, [path])
        with App(settings) as app:
            assert app.steps.asking is not None
            claimed = app.folders.claim_of(sized.sha256)
            claimed.write_bytes(path.read_bytes())
            app.steps.read({"sha256": sized.sha256, "source": str(path.absolute())})
            (entry,) = app.steps.asking.remote.prepare(sized.sha256)["questions"]
            body = json.loads(Path(entry["path"]).read_text())
        asked = {key: body[key] for key in ("model", "input", "text", "reasoning")}
        share = Share(Purpose.COUNT, SentForm.TEXT, sized.sha256)
        with open_client(settings, OpenDoor()) as client:
            counted = client.send(
                "POST", "/responses/input_tokens", body=asked, repeatable=True, shares=(share,)
            ).data
        (question,) = sized.questions
        assert question["most"] == entry["input_tokens"] >= counted["input_tokens"]
        assert abs(question["likely"] - counted["input_tokens"]) < 0.1 * counted["input_tokens"]
    assert stub.violations == []
    assert stub.billed == []


def test_what_states_everything_itself_costs_nothing(place: Path) -> None:
    (place / "e.pdf").write_bytes(with_attachment(pdf_of(), "factur-x.xml", cii().encode()))
    answer = told("e.pdf", "scans/a.pdf")
    stated, asked = answer["documents"]
    assert (stated["states_all"], Decimal(stated["most_usd"]), stated["form"]) == (True, 0, "")
    assert (asked["states_all"], answer["total"]["states_all"]) == (False, 1)
    assert "states everything itself" in said("e.pdf")


def test_what_must_stay_here_costs_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPER_AUTOPILOT_PRIVACY", "medical: local")
    (place / "report.pdf").write_bytes(pdf_of(MEDICAL_REPORT))
    answer = told("report.pdf", "scans/a.pdf")
    kept, asked = answer["documents"]
    assert (kept["keeps_here"], Decimal(kept["most_usd"])) == ("medical", 0)
    assert (asked["keeps_here"], answer["total"]["kept_here"]) == (None, 1)
    assert Decimal(answer["total"]["most_usd"]) == Decimal(asked["most_usd"]) > 0
    assert "stays here: medical" in said("report.pdf")


def test_a_persons_word_for_the_kind_counts_as_it_will_when_the_file_comes_again(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPER_AUTOPILOT_PRIVACY", "medical: local")
    (sized,) = size_files(config.get_config(), [Path("scans/a.pdf")])
    upgrade("sqlite:///paper_autopilot.db")
    with DatabaseManager("sqlite:///paper_autopilot.db") as manager, manager.get_session() as session:
        number = admitted(session, sha256=sized.sha256)
        documents.correct(session, number, "doc_type", "medical", utc_now())
        documents.fail(session, number, code="x", message="x", next_step="x", filed_path=None, now=utc_now())
    (row,) = told("scans/a.pdf")["documents"]
    assert (row["keeps_here"], Decimal(row["most_usd"])) == ("medical", 0)


def test_the_service_counts_when_asked_to_and_every_departure_is_on_record(
    place: Path, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPER_AUTOPILOT_PRIVACY", "medical: local")
    upgrade("sqlite:///paper_autopilot.db")
    (place / "report.pdf").write_bytes(pdf_of(MEDICAL_REPORT))
    (place / "twin.pdf").write_bytes(pdf_of())
    (place / "e.pdf").write_bytes(with_attachment(pdf_of(), "factur-x.xml", cii().encode()))
    names = ("scans/a.pdf", "report.pdf", "twin.pdf", "e.pdf", "scans/deeper/b.PDF")
    ours, counted = told(*names), told("--count", *names)
    assert (ours["counted_by"], counted["counted_by"]) == ("us", "service")
    assert {path for _, path, _ in stub.requests} == {"/responses/input_tokens"}
    assert len(stub.requests) == 2
    assert [row["input_tokens"] > 0 for row in counted["documents"]] == [True, False, False, False, True]
    assert counted["documents"][0]["input_tokens"] != ours["documents"][0]["input_tokens"]
    assert counted["total"]["most_usd"] == ours["total"]["most_usd"]
    with DatabaseManager("sqlite:///paper_autopilot.db") as manager, manager.get_session() as session:
        noted = disclosures.list_all(session)
    assert {row.purpose for row in noted} == {Purpose.COUNT}
    assert {row.sha256_hex for row in noted} == {
        one.sha256 for one in size_files(config.get_config(), [Path(names[0]), Path(names[-1])])
    }
    assert stub.billed == stub.violations == []
    assert "were sent to be counted" in said("--count", "scans/a.pdf")


def test_counting_needs_a_place_for_its_record_and_says_that_it_sends(place: Path, stub: Stub) -> None:
    result = CliRunner().invoke(cli, ["process", "--estimate", "--count", "scans"])
    assert getattr(result.exception, "code", None) == "schema_empty"
    assert stub.requests == []
    shown = CliRunner().invoke(cli, ["process", "--help"]).stdout
    assert "sends the documents" in " ".join(shown.replace("│", " ").split())


def test_a_count_that_the_service_refuses_ends_the_command(place: Path, stub: Stub) -> None:
    upgrade("sqlite:///paper_autopilot.db")
    stub.meet(Trouble(path="/responses/input_tokens", status=401, code="invalid_api_key"))
    result = CliRunner().invoke(cli, ["process", "--estimate", "--count", "scans/a.pdf"])
    assert getattr(result.exception, "code", None) == "openai_key_refused"


def test_a_server_of_our_own_has_no_price(tmp_path: Path) -> None:
    own = settings_in(tmp_path, "sqlite:///x.db", openai_server=OpenAIServer.OLLAMA)
    with pytest.raises(UsageError, match="costs nothing"):
        estimate(own, [], tier="default", counted_by="us", now=utc_now())


SIZE = arithmetic.QuestionSize(most=5000, likely=4500, static_likely=2000)


def estimator() -> arithmetic.Estimator:
    return arithmetic.Estimator(
        Prices(), "gpt-6-luna", output_tokens=500, max_output_tokens=1000, at=utc_now()
    )


def test_lanes_cost_what_the_price_list_says() -> None:
    documents = [arithmetic.SizedDocument((SIZE,))] * 1000
    lanes = {lane.tier: lane for lane in estimator().lanes(documents)}
    assert lanes["default"].plain_usd == Decimal("0.7")
    assert lanes["flex"].plain_usd == lanes["batch"].plain_usd == Decimal("0.35")
    assert Decimal("0.52") < lanes["default"].cached_usd < Decimal("0.521")


def test_a_static_part_that_is_too_short_is_never_cached() -> None:
    small = replace(SIZE, static_likely=1000)
    (lane, *_) = estimator().lanes([arithmetic.SizedDocument((small,))] * 3)
    assert lane.plain_usd == lane.cached_usd


def test_a_call_goes_out_when_the_most_it_can_cost_fits_and_then_spends_what_is_expected() -> None:
    priced = estimator()
    document = arithmetic.SizedDocument((SIZE,))
    most = priced.most(document, "default")
    expected = Prices().cost(TokenUse(4500, 500, 0, 0), "gpt-6-luna", "default", utc_now())
    assert isinstance(expected, Priced)
    room = Caps(day=most + expected.usd)
    made = priced.forecast([document] * 3, "default", room, day_usd=Decimal(0), month_usd=Decimal(0))
    assert [one.stopped_by for one in made] == [None, None, "day"]
    tight = Caps(document=most)
    paid = replace(document, paid_usd=Decimal("0.0000001"))
    made = priced.forecast([document, paid], "default", tight, day_usd=Decimal(0), month_usd=Decimal(0))
    assert [one.stopped_by for one in made] == [None, "document"]


def test_a_file_without_a_question_is_not_asked_about() -> None:
    assert not Sized("x.pdf").asked
    assert Sized("x.pdf", questions=({"most": 1, "likely": 1, "static_likely": 0},)).asked


def test_a_key_in_the_settings_never_shows(tmp_path: Path) -> None:
    keyed = settings_in(tmp_path, "sqlite:///x.db", openai_api_key=SecretStr(KEY))
    assert KEY not in json.dumps(
        estimate(keyed, [], tier="default", counted_by="us", now=utc_now()), default=str
    )
