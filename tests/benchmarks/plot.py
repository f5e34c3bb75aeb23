"""Curves as an SVG on paper of its own, so that it reads on any page: x in powers of ten, y from zero."""

from dataclasses import dataclass
from math import log10

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 48, 40, 72, 32


@dataclass(frozen=True, slots=True)
class Curve:
    """Points in the order of x."""

    title: str
    points: list[tuple[int, float]]


def plot(curves: list[Curve]) -> str:
    """One picture of all."""
    least = log10(min(x for curve in curves for x, _ in curve.points))
    most = log10(max(x for curve in curves for x, _ in curve.points))
    top = max(y for curve in curves for _, y in curve.points) * 1.1

    def across(x: float) -> float:
        return LEFT + (log10(x) - least) / ((most - least) or 1) * (WIDTH - LEFT - RIGHT)

    def down(y: float) -> float:
        return HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="12" fill="#444">',
        "<title>Cost by size</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for power in range(round(least), round(most) + 1):
        x = across(10**power)
        parts.append(f'<text x="{x:.0f}" y="{HEIGHT - 10}" text-anchor="middle">{10**power:,}</text>')
    for step in range(5):
        y = top * step / 4
        parts.append(
            f'<path d="M{LEFT} {down(y):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
            f'<text x="{LEFT - 6}" y="{down(y) + 4:.1f}" text-anchor="end">{y:.1f}</text>'
        )
    for place, (curve, colour) in enumerate(zip(curves, COLOURS, strict=False)):
        points = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in curve.points)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{across(x):.1f}" cy="{down(y):.1f}" r="3" fill="{colour}"/>' for x, y in curve.points]
        parts.append(f'<text x="{LEFT}" y="{18 + 17 * place}" fill="{colour}">{curve.title}</text>')
    return "\n".join([*parts, "</svg>\n"])
