"""The stub's /batches: half price, any order, and some requests may expire."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.openai.stub_files import _page

if TYPE_CHECKING:
    from tests.openai.stub import Stub

Json = dict[str, Any]


@dataclass
class BatchOffice:
    """Takes files of requests and gives files of answers back, in reverse order."""

    stub: Stub
    batches: dict[str, Json] = field(default_factory=dict)
    expiring: set[str] = field(default_factory=set)
    polls_until_done: int = 2
    _left: dict[str, int] = field(default_factory=dict)

    def route(self, method: str, parts: list[str], body: Any, params: dict[str, str]) -> Json:
        from tests.openai.stub import Refused

        match method, parts:
            case "POST", ["batches"]:
                return self._create(body)
            case "GET", ["batches"]:
                return _page(list(self.batches.values()), params)
            case "GET", ["batches", name] if name in self.batches:
                return self._poll(name)
        raise Refused(404, "not_found")

    def _create(self, body: Json) -> Json:
        name = f"batch_{len(self.batches) + 1}"
        self.batches[name] = {
            "id": name,
            "object": "batch",
            "endpoint": body["endpoint"],
            "input_file_id": body["input_file_id"],
            "completion_window": body["completion_window"],
            "status": "in_progress",
            "created_at": int(self.stub.now),
            "metadata": body.get("metadata") or {},
        }
        self._left[name] = self.polls_until_done
        return dict(self.batches[name])

    def _poll(self, name: str) -> Json:
        batch = self.batches[name]
        self._left[name] -= 1
        if self._left[name] == 0:
            self._finish(batch)
        return batch

    def _finish(self, batch: Json) -> None:
        done, undone = [], []
        for line in self.stub.shelf.contents[batch["input_file_id"]].splitlines():
            request = json.loads(line)
            entry: Json = {"id": "x", "custom_id": request["custom_id"], "response": None, "error": None}
            if request["custom_id"] in self.expiring:
                entry["error"] = {"code": "batch_expired", "message": "…"}
                undone.append(json.dumps(entry))
                continue
            answer = self.stub.desk.route("POST", ["responses"], request["body"], {})
            entry["response"] = {"status_code": 200, "request_id": "req_b", "body": answer}
            done.append(json.dumps(entry))
        batch["status"] = "expired" if undone else "completed"
        for kind, lines in (("output_file_id", done[::-1]), ("error_file_id", undone)):
            if lines:
                batch[kind] = self.stub.shelf.keep("\n".join(lines) + "\n", "batch_output")
