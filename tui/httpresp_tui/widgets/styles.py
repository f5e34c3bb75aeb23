"""From a class of the style sheet to the style of a piece of text, for widgets that draw several styles in a line."""

from functools import lru_cache

from textual.color import Color
from textual.style import Style
from textual.widget import Widget

READABLE = 3.0
"""The least ratio of contrast for text: WCAG 2.2, 1.4.11. Some built-in themes are below it in some pairs."""


def style_of(widget: Widget, *names: str) -> Style:
    """The style of component classes on the widget's own background, which decides what `auto` colours are; legible."""
    style = widget.get_visual_style(*names)
    # Textual leaves `reverse` out here; without colours it is all that marks a badge.
    if any(widget.get_component_styles(name).text_style.reverse for name in names):
        style += Style(reverse=True)
    return legible(style)


def legible(style: Style) -> Style:
    """The style; where the theme's pair of colours is hard to read, its text darker or lighter until it is not."""
    text, ground = style.foreground, style.background
    if text is None or ground is None or text.ansi is not None or ground.ansi is not None or ground.a < 1:
        return style
    better = readable(text, ground)
    return style if better is text else style + Style(foreground=better)


@lru_cache(1_000)
def readable(text: Color, ground: Color) -> Color:
    """A colour like that of the text which can be read on the ground; the same one where it can."""
    if contrast(ground + text, ground) >= READABLE:
        return text
    extreme = max((Color(0, 0, 0), Color(255, 255, 255)), key=lambda colour: contrast(colour, ground))
    solid = ground + text
    shades = (solid.blend(extreme, step / 20) for step in range(1, 20))
    return next((shade for shade in shades if contrast(shade, ground) >= READABLE), extreme)


def contrast(one: Color, other: Color) -> float:
    """From 1 to 21; WCAG 2.2, "contrast ratio"."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    parts = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized)
    return sum(part * weight for part, weight in zip(parts, (0.2126, 0.7152, 0.0722), strict=True))
