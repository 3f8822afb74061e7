"""Batches: found again after a crash, collected in any order, expired parts asked again."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from autod.domain.reading import TextSource
from autod.extract.openai.batching import Batches, BatchItem, in_batches, label_of
from autod.extract.openai.errors import OpenAIError
from tests.openai.conftest import Service
from tests.openai.stub import Trouble
from tests.openai.test_openai_question import numbered, prepared
from tests.paper import pdf_of


def items(folder: Path, count: int = 3, *, scan: bool = False) -> list[BatchItem]:
    made = []
    for number in range(count):
        place = folder / str(number)
        place.mkdir()
        source = TextSource.OCR if scan else TextSource.TEXT_LAYER
        question = prepared(place, numbered(1, source), pdf_of(), sha256=f"{number:064x}")["questions"][0]
        made.append(BatchItem(f"{number:064x}:{question['part']}", Path(question["path"])))
    return made


def batches(service: Service) -> Batches:
    service.stub.desk.answer = lambda body: {"title": None, "sha": body["metadata"]["sha256"]}
    return Batches(service.client(), sleep=service.sleep)


def test_answers_find_their_documents_whatever_their_order(service: Service, tmp_path: Path) -> None:
    ours, lane = items(tmp_path), batches(service)
    batch = lane.submit(ours)
    assert not lane.state(batch).done
    assert lane.state(batch).done
    answers = lane.collect(batch)
    assert set(answers) == {item.custom_id for item in ours}
    for custom_id, answer in answers.items():
        assert json.loads(answer.usable_text())["sha"] == custom_id.partition(":")[0]
        assert answer.tier == "batch"
        assert answer.use is not None


def test_backlog_submitted_before_a_crash_is_found_and_not_paid_again(
    service: Service, tmp_path: Path
) -> None:
    ours = items(tmp_path)
    first = batches(service).submit(ours)
    for number in range(5):
        service.stub.office.batches[f"other_{number}"] = {
            **service.stub.office.batches[first], "id": f"other_{number}", "metadata": {},
        }  # fmt: skip
    assert batches(service).submit(ours[::-1]) == first
    assert len(service.stub.asked("POST", "/batches")) == 1


@pytest.mark.parametrize(
    "trouble", [Trouble(path="/batches", drop="after"), Trouble(path="/batches", status=500)]
)
def test_batch_whose_answer_was_lost_is_found_or_left_for_the_next_try(
    service: Service, tmp_path: Path, trouble: Trouble
) -> None:
    ours, lane = items(tmp_path), batches(service)
    service.stub.meet(trouble)
    if trouble.drop:
        assert lane.submit(ours) == "batch_1"
    else:
        with pytest.raises(OpenAIError):
            lane.submit(ours)
        assert lane.submit(ours) == "batch_1"
    assert len(service.stub.office.batches) == 1


def test_expired_parts_are_missing_and_can_be_asked_again(service: Service, tmp_path: Path) -> None:
    ours, lane = items(tmp_path), batches(service)
    service.stub.office.expiring.add(ours[1].custom_id)
    batch = lane.submit(ours)
    while not lane.state(batch).done:
        pass
    answers = lane.collect(batch)
    assert set(answers) == {ours[0].custom_id, ours[2].custom_id}
    service.stub.office.expiring.clear()
    left = [item for item in ours if item.custom_id not in answers]
    again = lane.submit(left)
    while not lane.state(again).done:
        pass
    assert set(lane.collect(again)) == {ours[1].custom_id}
    assert len(service.stub.billed) == 3


def test_scans_travel_as_uploaded_files_that_expire(service: Service, tmp_path: Path) -> None:
    lane = batches(service)
    batch = lane.submit(items(tmp_path, 2, scan=True))
    uploads = service.stub.asked("POST", "/files")
    assert [body["purpose"] for body in uploads] == ["user_data", "user_data", "batch"]
    assert all(body["expires_after"]["anchor"] == "created_at" for body in uploads)
    lines = service.stub.shelf.contents[service.stub.office.batches[batch]["input_file_id"]].splitlines()
    bodies = [json.loads(line)["body"] for line in lines]
    assert all("file_data" not in json.dumps(body) for body in bodies)
    assert all(not {"background", "service_tier"} & body.keys() and body["store"] is False for body in bodies)


def test_forgotten_batch_leaves_no_file_behind(service: Service, tmp_path: Path) -> None:
    lane = batches(service)
    batch = lane.submit(items(tmp_path, 2, scan=True))
    while not lane.state(batch).done:
        pass
    lane.collect(batch)
    lane.forget(batch)
    lane.forget(batch)
    assert service.stub.shelf.files == {}


def test_batch_that_has_no_output_has_no_answers(service: Service, tmp_path: Path) -> None:
    lane = batches(service)
    batch = lane.submit(items(tmp_path, 1))
    service.stub.office.batches[batch]["status"] = "failed"
    assert lane.collect(batch) == {}
    assert lane.submit(items(tmp_path / "0", 1)) != batch


def test_backlog_is_cut_into_what_the_service_takes(tmp_path: Path) -> None:
    ours = items(tmp_path, 5)
    weight = ours[0].question.stat().st_size + 200
    assert [len(run) for run in in_batches(ours, weight * 2)] == [2, 2, 1]
    assert label_of(ours) == label_of(ours[::-1])
    assert label_of(ours) != label_of(ours[:4])
    assert label_of(ours) != label_of([dataclasses.replace(ours[0], custom_id="x"), *ours[1:]])
