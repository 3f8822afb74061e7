"""OpenAI as the pipeline knows a paid reader: its steps, its orders and its bills, all values JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from autod.codes import Code
from autod.domain.asked import AnswerJson, HandleJson, Question, Questions
from autod.domain.money import Order, Priced, TokenUse
from autod.domain.payments import Payments
from autod.domain.privacy import Purpose, SentForm, Share
from autod.errors import FileTrouble
from autod.extract.openai.answer import Answer
from autod.extract.openai.answer_size import AnswerSize, believable
from autod.extract.openai.paying_once import NO_LEDGER, Handle, PayingOnce
from autod.extract.openai.prices import Prices
from autod.extract.openai.prompt import prompt_version
from autod.flushing import is_whole


def share_of(question: Question, purpose: Purpose) -> Share:
    """What is said on the way out of a question that ``prepare`` wrote."""
    return Share(purpose, SentForm(question["form"]), question["sha256"], question["pages"])


class OpenAIRemote:
    """See ``Remote`` in the pipeline.

    Args:
        prepare: writes the questions about a document; runs in the sandbox.
        provider: who answers, for the ledger.
        tier: the service tier that is asked for.
        max_output_tokens: most tokens of one answer, whatever it is about.
        sizes: how many tokens an answer may have; without it, as many as any.
        questions: where questions lie now; they may have been prepared before the archive was moved.
    """

    def __init__(
        self,
        asking: PayingOnce,
        prices: Prices,
        prepare: Callable[[str], Questions],
        *,
        provider: str,
        model: str,
        tier: str,
        max_output_tokens: int,
        questions: Path,
        now: Callable[[], datetime],
        sizes: AnswerSize | None = None,
    ) -> None:
        self._asking = asking
        self._prices = prices
        self._prepare = prepare
        self._provider = provider
        self._tier = tier
        self._max_output_tokens = max_output_tokens
        self._questions = questions
        self._now = now
        self._sizes = sizes
        self.model = model
        self.prompt_version = prompt_version()

    def prepare(self, sha256: str) -> Questions:
        """Each question says how long its answer may get (``output_tokens``)."""
        made = self._prepare(sha256)
        if self._sizes is not None:
            limits = self._sizes.limits(made["questions"])
            pairs = zip(made["questions"], limits, strict=True)
            made = {**made, "questions": [{**one, "output_tokens": limit} for one, limit in pairs]}
        return made

    def larger(self, question: Question) -> Question | None:
        """The same question with room for the longest answer; None when it had that."""
        limit = self._limit_of(question)
        more = self._max_output_tokens
        return {**question, "output_tokens": more} if limit < more else None

    def _limit_of(self, question: Question) -> int:
        return int(question.get("output_tokens", self._max_output_tokens))

    def order(self, sha256: str, document_id: int, question: Question) -> Order:
        limit = self._limit_of(question)
        most = self._prices.most(self.model, self._tier, question["input_tokens"], limit, self._now())
        return Order(sha256, document_id, self._provider, self.model, self._tier, most.usd)

    def claim(self) -> HandleJson:
        return self._asking.claim().to_dict()

    def submit(
        self, question: Question, claimed: HandleJson, *, first: bool, payments: Payments = NO_LEDGER
    ) -> HandleJson:
        share = share_of(question, Purpose.READ)
        path = self._questions / Path(question["path"]).name
        if not is_whole(path, question.get("is")):  # also of another machine, or from before a restore
            self._prepare(question["sha256"])
            if not path.exists():
                raise FileTrouble(
                    "the document is asked about otherwise by now",
                    code=Code.QUESTION_OUTDATED,
                    next_step="Nothing to do: it is prepared and asked about again.",
                )
        handle = Handle.from_dict(claimed)
        limit = question.get("output_tokens")
        return self._asking.submit(
            path, handle, share, first=first, payments=payments, most_output_tokens=limit
        ).to_dict()

    def looks_before_paying(self, claimed: HandleJson) -> bool:
        return Handle.from_dict(claimed).conversation_id is not None

    def answer_in(self, handle: HandleJson) -> AnswerJson | None:
        return handle["answer"]

    def collect(self, handle: HandleJson) -> AnswerJson:
        return self._asking.collect(Handle.from_dict(handle)).to_dict()

    def forget(self, handle: HandleJson) -> None:
        self._asking.forget(Handle.from_dict(handle))

    def note_of(self, handle: HandleJson) -> str:
        return Handle.from_dict(handle).ledger_text

    def bill(
        self, answer: AnswerJson, tier: str, question: Question
    ) -> tuple[TokenUse | None, Priced | None]:
        """Priced by the tier that served, else by the one that was asked for."""
        use = Answer.from_dict(answer).use
        if use is None or not believable(use, question):
            return None, None
        return use, self._prices.cost(use, self.model, answer["tier"] or tier, self._now())
