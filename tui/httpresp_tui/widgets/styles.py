"""From a class of the style sheet to the style of a piece of text, for widgets that draw several styles in a line."""

from textual.style import Style
from textual.widget import Widget


def style_of(widget: Widget, *names: str) -> Style:
    """The style of component classes on the widget's own background, which decides what `auto` colours are."""
    style = widget.get_visual_style(*names)
    # Textual leaves `reverse` out here; without colours it is all that marks a badge.
    if any(widget.get_component_styles(name).text_style.reverse for name in names):
        style += Style(reverse=True)
    return style
