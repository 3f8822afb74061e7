"""The stub's /batches: many questions in a file, answered in any order, some of them not at all."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.openai.stub_files import page_of

if TYPE_CHECKING:
    from tests.openai.stub import Stub

Json = dict[str, Any]
MOST_REQUESTS, MOST_BYTES = 50_000, 200_000_000


@dataclass
class Fate:
    """How the next batch ends.

    ``expired`` questions are not got to, ``dropped`` ones are worked on and left out of the files,
    ``refused`` ones get an HTTP status; all are numbers of lines from 1. ``failed`` refuses the whole file.
    """

    expired: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()
    refused: dict[int, int] = field(default_factory=dict)
    failed: str | None = None
    failed_lines: tuple[int, ...] = ()


@dataclass
class BatchHall:
    """Takes batches in and works on them when somebody has looked often enough."""

    stub: Stub
    batches: dict[str, Json] = field(default_factory=dict)
    fates: list[Fate] = field(default_factory=list)
    looks_until_done: int = 2
    hidden: int = 0
    """For so many lists the newest batch does not show up yet."""

    def route(self, method: str, parts: list[str], body: Any, params: dict[str, str]) -> Json:
        from tests.openai.stub import Refused

        match method, parts:
            case "POST", ["batches"]:
                return self._create(body)
            case "GET", ["batches"]:
                shown = [entry["shown"] for entry in self.batches.values()]
                if self.hidden:
                    self.hidden -= 1
                    shown = shown[:-1]
                return page_of(shown, params)
            case "GET", ["batches", name] if name in self.batches:
                return self._look(name)
        raise Refused(404, "not_found")

    def _create(self, body: Json) -> Json:
        from tests.openai.stub import Refused

        file = self.stub.kept_files.files.get(body["input_file_id"])
        if file is None or file["purpose"] != "batch":
            raise Refused(400, "invalid_input_file", "input_file_id")
        name = f"batch_{len(self.batches) + 1}"
        shown: Json = {
            "id": name,
            "object": "batch",
            "endpoint": body["endpoint"],
            "input_file_id": body["input_file_id"],
            "completion_window": body["completion_window"],
            "status": "validating",
            "created_at": int(self.stub.now),
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
            "metadata": body.get("metadata"),
        }
        lines = self._lines(body["input_file_id"])
        fate = self.fates.pop(0) if self.fates else Fate()
        self.batches[name] = {"shown": shown, "lines": lines, "fate": fate, "left": self.looks_until_done}
        return dict(shown)

    def _lines(self, file_id: str) -> list[Json]:
        text = self.stub.kept_files.contents[file_id].encode("latin-1").decode("utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def _look(self, name: str) -> Json:
        entry = self.batches[name]
        entry["left"] -= 1
        shown: Json = entry["shown"]
        if shown["status"] == "validating" and (entry["fate"].failed or self._unfit(entry["lines"])):
            self._refuse(shown, entry)
        elif entry["left"] <= 0 and shown["status"] in ("validating", "in_progress"):
            self._work(shown, entry)
        elif shown["status"] == "validating":
            shown["status"] = "in_progress"
        return shown

    def _unfit(self, lines: list[Json]) -> str | None:
        names = [line["custom_id"] for line in lines]
        models = {line["body"].get("model") for line in lines}
        if len(lines) > MOST_REQUESTS or len(set(names)) != len(names) or len(models) != 1:
            return "invalid_batch"
        if any("service_tier" in line["body"] or line["body"].get("background") for line in lines):
            return "invalid_request"
        return None

    def _refuse(self, shown: Json, entry: Json) -> None:
        code = entry["fate"].failed or self._unfit(entry["lines"])
        told: list[Json] = [
            {"code": code, "message": "…", "param": None, "line": line}
            for line in entry["fate"].failed_lines or (None,)
        ]
        shown |= {"status": "failed", "errors": {"object": "list", "data": told}}

    def _work(self, shown: Json, entry: Json) -> None:
        from tests.openai.stub import Refused

        fate: Fate = entry["fate"]
        answered: list[Json] = []
        troubled: list[Json] = []
        for number, line in enumerate(entry["lines"], 1):
            known = {"id": f"batch_req_{number}", "custom_id": line["custom_id"]}
            if number in fate.expired:
                error = {"code": "batch_expired", "message": "…"}
                troubled.append({**known, "response": None, "error": error})
                continue
            try:
                if number in fate.refused:
                    raise Refused(
                        fate.refused[number], "rate_limit_exceeded" if fate.refused[number] == 429 else "bad"
                    )
                body: Json | None = self.stub.desk.route("POST", ["responses"], line["body"], {})
                status = 200
            except Refused as refusal:
                status, body = (
                    refusal.status,
                    {"error": {"message": "…", "type": "x", "param": None, "code": refusal.code}},
                )
            response = {"status_code": status, "request_id": f"req_b{number}", "body": body}
            if number not in fate.dropped:
                (answered if status == 200 else troubled).append(
                    {**known, "response": response, "error": None}
                )
        shown["status"] = "expired" if fate.expired else "completed"
        shown["request_counts"] = {
            "total": len(entry["lines"]), "completed": len(answered), "failed": len(troubled),
        }  # fmt: skip
        for key, lines in (("output_file_id", answered), ("error_file_id", troubled)):
            if lines:
                text = "".join(json.dumps(line) + "\n" for line in reversed(lines))
                shown[key] = self.stub.kept_files.keep(text, "batch_output", f"{shown['id']}.jsonl")
