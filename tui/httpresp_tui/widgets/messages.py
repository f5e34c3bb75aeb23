"""What the shell's widgets tell the app. The list and the detail pane have messages of their own in their classes."""

from dataclasses import dataclass

from textual.message import Message

from httpresp_capture.query import Query


@dataclass
class FilterChanged(Message):
    """The display filter is another one, and it is good."""

    query: Query


@dataclass
class FilterLeft(Message):
    """The person is done with the filter line; `used` is what stood in it when Enter was pressed."""

    used: str = ""


@dataclass
class ClassToggled(Message):
    """A status class was clicked: 1 to 5."""

    number: int


@dataclass
class SplitMoved(Message):
    """The splitter was dragged to a place on the screen, in cells."""

    x: int
    y: int
