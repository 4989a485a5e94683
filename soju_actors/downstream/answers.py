"""Answers of the database as lines for a client."""

from soju_actors.history.batches import history_lines, in_batch, target_lines
from soju_actors.irc.filtering import View
from soju_actors.irc.message import Message
from soju_actors.messages.slots import Question
from soju_actors.ports.database import HistoryRead, ReadFailed, Search, TargetsRead

Answer = HistoryRead | TargetsRead | ReadFailed


def answer_lines(question: Question, answer: Answer, view: View, name: str) -> list[str]:
    """Return an answer as a batch of this name (row HIS-03), a failure as FAIL (row HIS-05)."""
    if isinstance(answer, ReadFailed):
        reason = f"History cannot be read now: {answer.reason}"
        return [str(Message("FAIL", (question.command, "MESSAGE_ERROR", question.target, reason)))]
    if isinstance(answer, TargetsRead):
        return in_batch(target_lines(answer.targets), view, name, "draft/chathistory-targets")
    lines = history_lines(answer.entries, view)
    if isinstance(question.query, Search):
        return in_batch(lines, view, name, "soju.im/search")
    return in_batch(lines, view, name, "chathistory", question.target)
