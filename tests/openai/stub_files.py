"""The stub's /files and /vector_stores: files settle asynchronously and may fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.openai.stub import Stub

Json = dict[str, Any]


@dataclass
class KeptFiles:
    """Uploaded files, the stores they are attached to, and how the next ones settle."""

    stub: Stub
    files: dict[str, Json] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict)
    stores: dict[str, Json] = field(default_factory=dict)
    attached: dict[str, dict[str, Json]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    polls_until_done: int = 2
    _made: int = 0

    def route(self, method: str, parts: list[str], body: Any, params: dict[str, str]) -> Json | str:
        from tests.openai.stub import Refused

        match method, parts:
            case "POST", ["files"]:
                return self._upload(body)
            case "GET", ["files"]:
                wanted = params.get("purpose")
                kept = [file for file in self.files.values() if wanted in (None, file["purpose"])]
                return page_of(kept, params)
            case "GET", ["files", name, "content"] if name in self.files:
                return self.contents[name]
            case "DELETE", ["files", name] if name in self.files:
                del self.files[name]
                return {"id": name, "object": "file", "deleted": True}
            case "POST", ["vector_stores"]:
                return self._store(body)
            case "GET", ["vector_stores"]:
                return page_of(list(self.stores.values()), params)
            case "GET", ["vector_stores", name] if name in self.stores:
                return self.stores[name]
            case "DELETE", ["vector_stores", name] if name in self.stores:
                del self.stores[name]
                return {"id": name, "object": "vector_store.deleted", "deleted": True}
            case "POST", ["vector_stores", name, "files"] if name in self.stores:
                return self._attach(name, body)
            case "GET", ["vector_stores", name, "files"] if name in self.stores:
                return page_of([entry["shown"] for entry in self.attached[name].values()], params)
            case "GET", ["vector_stores", name, "files", file] if file in self.attached.get(name, {}):
                return self._settle(name, file)
            case "POST", ["vector_stores", name, "files", file] if file in self.attached.get(name, {}):
                self.attached[name][file]["shown"]["attributes"] = body["attributes"]
                return dict(self.attached[name][file]["shown"])
            case "DELETE", ["vector_stores", name, "files", file] if file in self.attached.get(name, {}):
                del self.attached[name][file]
                return {"id": file, "object": "vector_store.file.deleted", "deleted": True}
            case "POST", ["vector_stores", name, "search"] if name in self.stores:
                return self._search(name, body)
        raise Refused(404, "not_found")

    def next_name(self, kind: str) -> str:
        self._made += 1
        return f"{kind}_{self._made}"

    def keep(self, content: str, purpose: str, filename: str) -> str:
        """A new file's id."""
        name = self.next_name("file")
        self.files[name] = {
            "id": name,
            "object": "file",
            "bytes": len(content),
            "created_at": int(self.stub.now),
            "filename": filename,
            "purpose": purpose,
            "status": "processed",
        }
        self.contents[name] = content
        return name

    def _upload(self, body: Json) -> Json:
        return self.files[self.keep(body["file"], body["purpose"], body.pop("_filename"))]

    def _store(self, body: Json) -> Json:
        name = self.next_name("vs")
        counts = {"in_progress": 0, "completed": 0, "failed": 0, "cancelled": 0, "total": 0}
        self.stores[name] = {
            "id": name,
            "object": "vector_store",
            "created_at": int(self.stub.now),
            "name": body.get("name", ""),
            "usage_bytes": 0,
            "file_counts": counts,
            "status": "completed",
            "last_active_at": None,
            "metadata": body.get("metadata") or {},
        }
        self.attached[name] = {}
        return self.stores[name]

    def _attach(self, store: str, body: Json) -> Json:
        from tests.openai.stub import Refused

        file = body["file_id"]
        if file not in self.files:
            raise Refused(404, "file_not_found", "file_id")
        shown: Json = {
            "id": file,
            "object": "vector_store.file",
            "usage_bytes": self.files[file]["bytes"],
            "created_at": int(self.stub.now),
            "vector_store_id": store,
            "status": "in_progress",
            "last_error": None,
            "attributes": body.get("attributes") or {},
        }
        failure = self.failures.pop(0) if self.failures else ""
        self.attached[store][file] = {"shown": shown, "left": self.polls_until_done, "failure": failure}
        return dict(shown)

    def _settle(self, store: str, file: str) -> Json:
        entry = self.attached[store][file]
        entry["left"] -= 1
        shown: Json = entry["shown"]
        if entry["left"] <= 0:
            shown["status"] = "failed" if entry["failure"] else "completed"
            if entry["failure"]:
                shown["last_error"] = {"code": entry["failure"], "message": "…"}
        return shown

    def _search(self, store: str, body: Json) -> Json:
        words = str(body["query"]).lower().split()
        hits = [
            {
                "file_id": file,
                "filename": self.files[file]["filename"],
                "score": 0.9,
                "attributes": entry["shown"]["attributes"],
                "content": [{"type": "text", "text": self.contents[file][:200]}],
            }
            for file, entry in self.attached[store].items()
            if any(word in self.contents[file].lower() for word in words)
            and _passes(entry["shown"]["attributes"], body.get("filters"))
        ]
        return {
            "object": "vector_store.search_results.page",
            "search_query": [str(body["query"])],
            "data": hits[: body.get("max_num_results", 10)],
            "has_more": False,
            "next_page": None,
        }


def _passes(attributes: Json, wanted: Json | None) -> bool:
    if wanted is None:
        return True
    if wanted["type"] in ("and", "or"):
        each = [_passes(attributes, part) for part in wanted["filters"]]
        return all(each) if wanted["type"] == "and" else any(each)
    have, value = attributes.get(wanted["key"]), wanted["value"]
    if have is None:
        return False
    match wanted["type"]:
        case "eq":
            return bool(have == value)
        case "ne":
            return bool(have != value)
        case "gt":
            return bool(have > value)
        case "gte":
            return bool(have >= value)
        case "lt":
            return bool(have < value)
        case "lte":
            return bool(have <= value)
        case "in":
            return have in value
    return have not in value


def page_of(items: list[Json], params: dict[str, str]) -> Json:
    """Two items a page at most, so that nobody forgets to turn it."""
    items = items[::-1]
    if "after" in params:
        names = [item["id"] for item in items]
        items = items[names.index(params["after"]) + 1 :] if params["after"] in names else []
    page = items[: min(2, int(params.get("limit", "20")))]
    return {
        "object": "list",
        "data": page,
        "first_id": page[0]["id"] if page else "",
        "last_id": page[-1]["id"] if page else "",
        "has_more": len(items) > len(page),
    }
