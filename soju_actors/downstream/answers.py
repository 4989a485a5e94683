"""Answers of the database as lines for a client."""

from soju_actors.history.batches import history_lines, in_batch, span_lines, target_lines
from soju_actors.irc.filtering import View
from soju_actors.irc.message import Message
from soju_actors.messages.slots import Question
from soju_actors.ports.database import HistoryRead, ReadFailed, Search, SpansRead, TargetsRead

Answer = HistoryRead | TargetsRead | SpansRead | ReadFailed


def answer_lines(question: Question, answer: Answer, view: View, name: str) -> list[str]:
    """Return an answer as a batch of this name (row HIS-03), a failure as FAIL (row HIS-05)."""
    if isinstance(answer, ReadFailed):
        return [_failure(question, answer.reason)]
    if isinstance(answer, SpansRead):
        return span_lines(question.target, answer.spans)
    if isinstance(answer, TargetsRead):
        lines = target_lines(answer.targets)
        return in_batch(lines, view, name, "draft/chathistory-targets", ended=answer.ended)
    lines = history_lines(answer.entries, view, name)
    if isinstance(question.query, Search):
        return in_batch(lines, view, name, "soju.im/search")
    if question.quiet and not lines:
        return []
    return in_batch(lines, view, name, question.kind, question.target, ended=answer.ended and not question.quiet)


def _failure(question: Question, reason: str) -> str:
    """Return FAIL with the code that the extension names for it."""
    code = "INTERNAL_ERROR" if isinstance(question.query, Search) else "MESSAGE_ERROR"
    about = filter(None, (question.subcommand, question.target))
    return str(Message("FAIL", (question.command, code, *about, f"History cannot be read now: {reason}")))
