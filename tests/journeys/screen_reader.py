"""Finds and presses by accessible role and name, as a screen reader does, and by nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtQuick import QQuickWindow

PRESSABLE = (QAccessible.Role.Button, QAccessible.Role.RadioButton)


class NotOnScreen(AssertionError):
    """What was looked for is not there; the text lists what is."""


@dataclass(frozen=True)
class Node:
    """One thing that assistive technology is told of. The place is px in the window."""

    role: QAccessible.Role
    name: str
    description: str
    x: int
    y: int
    width: int
    height: int
    focused: bool
    checked: bool
    depth: int
    interface: QAccessibleInterface

    @property
    def pressable(self) -> bool:
        return self.role in PRESSABLE

    def line(self) -> str:
        """One line of a dump: role, name, and what is true of it."""
        marks = [word for word, on in (("chosen", self.checked), ("focused", self.focused)) if on]
        why = f" ({self.description})" if self.description else ""
        return f"{'  ' * self.depth}{self.role.name} {self.name!r}{why}{' '.join(['', *marks])}"


class ScreenReader:
    """Reads one window."""

    def __init__(self, window: QQuickWindow) -> None:
        QAccessible.setActive(True)
        self._window = window

    def nodes(self) -> list[Node]:
        """Everything visible, in reading order."""
        root = QAccessible.queryAccessibleInterface(self._window)
        assert root is not None
        return list(self._walk(root, -1))

    def _walk(self, interface: QAccessibleInterface, depth: int) -> Iterator[Node]:
        state = interface.state()
        if depth >= 0:
            if getattr(state, "invisible"):  # noqa: B009 - the stub does not know the bit fields
                return
            place = interface.rect()
            origin = self._window.position()
            yield Node(
                role=interface.role(),
                name=interface.text(QAccessible.Text.Name),
                description=interface.text(QAccessible.Text.Description),
                x=place.x() - origin.x(),
                y=place.y() - origin.y(),
                width=place.width(),
                height=place.height(),
                focused=bool(getattr(state, "focused")),  # noqa: B009
                checked=bool(getattr(state, "checked")),  # noqa: B009
                depth=depth,
                interface=interface,
            )
        for place_ in range(interface.childCount()):
            child = interface.child(place_)
            if child.isValid():
                yield from self._walk(child, depth + 1)

    def pressables(self) -> list[Node]:
        """Everything that can be pressed, in reading order."""
        return [node for node in self.nodes() if node.pressable]

    def find(self, name: str, role: QAccessible.Role = QAccessible.Role.Button) -> Node:
        """The one thing of that role and name. Raises NotOnScreen for none or more than one."""
        nodes = self.nodes()
        found = [node for node in nodes if node.role is role and node.name == name]
        if len(found) != 1:
            there = "\n".join(node.line() for node in nodes)
            raise NotOnScreen(f"{len(found)} of {role.name} {name!r} on the screen:\n{there}")
        return found[0]

    def press(self, name: str, role: QAccessible.Role = QAccessible.Role.Button) -> None:
        """Press it. Raises NotOnScreen if it is not there or cannot be pressed."""
        action = self.find(name, role).interface.actionInterface()
        if "Press" not in action.actionNames():
            raise NotOnScreen(f"{role.name} {name!r} cannot be pressed")
        action.doAction("Press")

    def texts(self) -> list[str]:
        """Every name that is read, in order."""
        return [node.name for node in self.nodes() if node.name]

    def dump(self) -> str:
        """The whole tree, one line a node, for review and comparison."""
        return "".join(f"{node.line()}\n" for node in self.nodes())
