"""Answers of the database as lines for a client."""

from soju_actors.history.batches import history_lines, in_batch, target_lines
from soju_actors.irc.filtering import View
from soju_actors.irc.message import Message
from soju_actors.irc.replies import sayable
from soju_actors.messages.slots import Question
from soju_actors.ports.database import HistoryRead, Search, TargetsRead


def answer_lines(question: Question, answer: HistoryRead | TargetsRead, view: View, name: str) -> list[str]:
    """Return an answer as a batch of this name (row HIS-03)."""
    if isinstance(answer, TargetsRead):
        return in_batch(target_lines(answer.targets), view, name, "draft/chathistory-targets")
    lines = history_lines(answer.entries, view)
    if isinstance(question.query, Search):
        return in_batch(lines, view, name, "soju.im/search")
    return in_batch(lines, view, name, "chathistory", question.target)


def failure_line(question: Question, reason: str) -> str:
    """Return the FAIL for a question that cannot be answered (row HIS-05)."""
    params = (question.command, "MESSAGE_ERROR", question.target, f"History cannot be read now: {reason}")
    return str(sayable(Message("FAIL", params)))
