"""Actors that are created on another node: asking for them, and being asked."""

import inspect
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from thespian.actors import (
    Actor,
    ActorAddress,
    ActorExitRequest,
    ActorSystemRequestTimeout,
    ChildActorExited,
    InvalidActorSourceHash,
    InvalidActorSpecification,
    NoCompatibleSystemForActor,
    PoisonMessage,
)
from thespian.system.messages.admin import PendingActor, PendingActorResponse
from thespian.system.transport import ReceiveEnvelope
from thespian.system.utilis import actualActorClass, checkActorCapabilities

from actors.bases.node.addresses import is_outside, node_at, path_of, system_of
from actors.bases.node.hosted import HostedCell
from actors.bases.node.kin import Child
from actors.bases.values.allowed import name_of
from actors.clock import Timer
from actors.ref import Ref

if TYPE_CHECKING:
    from actors.bases.node.convention import Convention

log = logging.getLogger(__name__)

PATIENCE = 50.0
"""Seconds after which nobody is taken to create an actor any more."""
Done = Callable[[ActorAddress | Exception], None]
_ERRORS: dict[int, Callable[[Any, str], Exception]] = {
    PendingActorResponse.ERROR_Invalid_ActorClass: InvalidActorSpecification,
    PendingActorResponse.ERROR_Import: lambda _, text: ImportError(text),
    PendingActorResponse.ERROR_Invalid_SourceHash: lambda _, text: InvalidActorSourceHash(text),
}


@dataclass(slots=True)
class Request:
    """An actor that another node has been asked for."""

    message: PendingActor
    actor_class: Any
    done: Done
    timer: Timer | None = None
    node: str = ""
    """The last one that was asked; it may have passed the request on."""


class Births:
    """What one node asks of others, and what it does for them."""

    def __init__(self, convention: "Convention") -> None:
        self._convention = convention
        self._host = convention.host
        self._requests: dict[int, Request] = {}
        self._count = 0

    # Asking.

    def create_child(self, parent: HostedCell, path: Ref[Any], actor_class: Any, requirements: Any, name: Any) -> None:  # noqa: ANN401
        """Have a child of an actor here made elsewhere; the parent knows it by the path already."""
        kin = self._convention.kin
        kin.expect(path.path, parent.me)
        parent.kids[path.path] = self._host.addresses.of(path)
        done = partial(self._child_made, kin.children[path.path])
        self.ask(actor_class, parent.address, requirements, name, done)

    def ask(self, actor_class: Any, asker: ActorAddress, requirements: Any, name: Any, done: Done) -> None:  # noqa: ANN401
        """Have an actor made elsewhere, for an actor here or a thread outside."""
        self._count += 1
        cls = actualActorClass(actor_class)
        message = PendingActor(name_of(cls), asker, self._count, requirements, name)
        request = self._requests[self._count] = Request(message, cls, done)
        request.timer = self._host.kernel.clock.later(PATIENCE, self._too_late, self._count)
        self._ask_next(self._count)

    def _ask_next(self, number: int) -> None:
        """Ask the next node that may have what the actor needs; those that were asked are noted in the message."""
        request = self._requests.get(number)
        if request is None:
            return
        node = self._pass_on(self._host.addresses.system, request.message, request.actor_class)
        if node:
            request.node = node
        else:
            self._end(number, _nobody(request.actor_class))

    def _pass_on(self, sender: ActorAddress, message: PendingActor, cls: type) -> str:
        """Pass a request on to another node; return which, and nothing if there is none that can be reached."""

        def fits(capabilities: dict[str, Any]) -> bool:
            return bool(checkActorCapabilities(cls, capabilities, message.targetActorReq))

        while True:
            try:
                envelope = ReceiveEnvelope(sender, message)
                intents = self._convention.state.forward_pending_to_remote_system(cls, envelope, None, fits)
            except NoCompatibleSystemForActor:
                return ""
            if not intents:
                return ""
            node = node_at(intents[0].targetAddr)
            if self._convention.mail.to_system(node, message):
                return node

    def answered(self, node: str, msg: PendingActorResponse) -> None:
        """Take an answer.

        Raises:
            ValueError: it has an address on another node.
        """
        address = msg.actualAddress
        if address is not None and node_at(address) != node:
            raise ValueError("an actor of another node is no answer")
        request = self._requests.get(msg.instanceNum)
        if request is None:
            if address is not None:  # nobody waits for it any more
                self._host.send(Ref(""), address, ActorExitRequest())
        elif msg.errorCode or address is None:
            make = _ERRORS.get(msg.errorCode)
            error = _nobody(request.actor_class) if make is None else make(request.actor_class, str(msg.errorStr))
            self._end(msg.instanceNum, error)
        else:
            self._end(msg.instanceNum, address)

    def _too_late(self, number: int) -> None:
        self._end(number, ActorSystemRequestTimeout("no node has answered"))

    def _end(self, number: int, result: ActorAddress | Exception) -> None:
        request = self._requests.pop(number, None)
        if request is not None:
            if request.timer is not None:
                request.timer.cancel()
            request.done(result)

    def _child_made(self, child: Child, result: ActorAddress | Exception) -> None:
        kernel = self._host.kernel
        waiting, child.waiting = child.waiting, []
        if isinstance(result, Exception):
            log.warning("%s could not have an actor started: %s", child.parent, result)
            child.failed = True
            self._tell_parent(child)
            for sender, msg in waiting:
                if sender is not None:
                    kernel.route(Ref(child.path), sender, PoisonMessage(msg, "Child Aborted"))
        else:
            self._convention.kin.found(child, path_of(result))
            for sender, msg in waiting:
                self._convention.mail.forward(sender, Ref(child.path), msg)
        self._convention.mail.known()
        if child.failed:
            self._convention.kin.forget(child)

    def lost(self, node: str) -> None:
        """Tell parents that their children on a node have ended, and ask others for what it was asked for."""
        for child in self._convention.kin.on(node):
            self._convention.kin.forget(child)
            self._tell_parent(child)
        for number in [number for number, request in self._requests.items() if request.node == node]:
            self._ask_next(number)

    def _tell_parent(self, child: Child) -> None:
        address = self._host.addresses.of(Ref(child.path))
        self._host.kernel.route(Ref(child.path), child.parent, ChildActorExited(address))

    # Being asked.

    def wanted(self, node: str, message: PendingActor) -> None:
        """Make an actor that another node wants, or pass the request on.

        Raises:
            ValueError: it is malformed.
        """
        asker, number = message.forActor, message.instanceNum
        if type(asker) is not ActorAddress or type(number) is not int or type(message.alreadyTried) is not list:
            raise ValueError("no request")
        try:
            answer = self._made(node, message)
        except ImportError as error:
            answer = _failed(message, PendingActorResponse.ERROR_Import, error)
        except Exception as error:  # noqa: BLE001 - whatever the class of the actor does
            log.warning("node %s wants a %s, which fails: %s", node, message.actorClassName, error)
            answer = _failed(message, PendingActorResponse.ERROR_Invalid_ActorClass, error)
        if answer is not None:
            asking = self._convention.kin.node_of(path_of(asker))
            self._convention.mail.answer(asking, answer, partial(self._unwanted, answer))

    def _unwanted(self, answer: PendingActorResponse) -> None:
        """End an actor whose maker cannot be told of it."""
        log.warning("there is no way to %s, which wants an actor", answer.forActor)
        if answer.actualAddress is not None:
            self._host.send(None, answer.actualAddress, ActorExitRequest())

    def _made(self, node: str, message: PendingActor) -> PendingActorResponse | None:
        """Return what is answered, or nothing if somebody else will answer."""
        cls = self._convention.actor_class(message.actorClassName)
        parent = message.forActor
        owner = self._host.system_address if is_outside(path_of(parent)) else parent
        try:
            address = self._host.create_guest(cls, message.targetActorReq, message.globalName, owner)
        except NoCompatibleSystemForActor as error:
            if self._pass_on(system_of(node), message, cls):
                return None
            return _failed(message, PendingActorResponse.ERROR_No_Compatible_ActorSystem, error)
        return PendingActorResponse(parent, message.instanceNum, message.globalName, actualAddress=address)


def _nobody(actor_class: Any) -> NoCompatibleSystemForActor:  # noqa: ANN401 - a class
    return NoCompatibleSystemForActor(actor_class, "No compatible ActorSystem could be found")


def _failed(message: PendingActor, code: int, error: Exception) -> PendingActorResponse:
    return PendingActorResponse(
        message.forActor, message.instanceNum, message.globalName, errorCode=code, errorStr=str(error)
    )


def is_actor_class(found: object) -> bool:
    """Whether something is a class of Thespian's actors that can have instances."""
    return isinstance(found, type) and issubclass(found, Actor) and not inspect.isabstract(found)
