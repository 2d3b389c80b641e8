"""Bars as SVG: one chart of one figure, groups of cases below each other. Computes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, TITLE_WIDTH, VALUE_WIDTH = 800, 300, 90
BAR, GAP, GROUP_HEAD, HEAD, FOOT = 18, 6, 30, 40, 10
COLOURS = {"ours": "#2a78d6", "peer": "#c2410c", "floor": "#8a94a6"}
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.group { font-weight: 600 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }
"""


@dataclass(frozen=True)
class Bar:
    """One case: whose it is decides the colour."""

    title: str
    kind: str
    value: float


def bar_chart(title: str, unit: str, groups: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """Return the chart; every bar is drawn to one scale, from zero."""
    longest = max((bar.value for _, bars in groups for bar in bars), default=0) or 1
    lines, y = [], HEAD
    for name, bars in groups:
        lines.append(f'<text class="group" x="0" y="{y + 18}">{escape(name)}</text>')
        y += GROUP_HEAD
        for bar in bars:
            lines += _bar(bar, y, longest, unit)
            y += BAR + GAP
    height = y + FOOT
    head = f'<text class="title" x="0" y="18">{escape(title)}</text>'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
            f'role="img" aria-label="{escape(title)}">',
            f"<style>{STYLE}</style>",
            head,
            *lines,
            "</svg>\n",
        ]
    )


def number(value: float, unit: str) -> str:
    """Return a figure with as many digits as a reader needs."""
    text = f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
    return f"{text} {unit}".rstrip()


def _bar(bar: Bar, y: int, longest: float, unit: str) -> list[str]:
    length = max(1.0, bar.value / longest * (WIDTH - TITLE_WIDTH - VALUE_WIDTH))
    middle = y + BAR - 5
    return [
        f'<text x="{TITLE_WIDTH - 10}" y="{middle}" text-anchor="end">{escape(bar.title)}</text>',
        f'<rect x="{TITLE_WIDTH}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2" fill="{COLOURS[bar.kind]}"/>',
        f'<text x="{TITLE_WIDTH + length + 6:.1f}" y="{middle}">{number(bar.value, unit)}</text>',
    ]
