"""The loss over the steps of a training, as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

WIDTH, HEIGHT = 680, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 44, 44
BLOCKS = "▁▂▃▄▅▆▇█"


class Curve:
    """Positive numbers, one a step, on a logarithmic scale: a picture in pages, a line of blocks in terminals."""

    def __init__(self, numbers: Sequence[float], title: str = "") -> None:
        if not numbers or min(numbers) <= 0:
            raise ValueError("a logarithmic curve needs numbers above 0")
        self.numbers = list(numbers)
        self.title = title

    def _repr_svg_(self) -> str:
        low, high = self._decades()
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
            ' font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#475569" role="img">',
            f"<title>{self.title}</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#ffffff"/>',
            f'<text x="{WIDTH / 2}" y="26" text-anchor="middle" font-size="15" fill="#0f172a">{self.title}</text>',
        ]
        for exponent in range(low, high + 1):
            y = self._y(10.0**exponent)
            parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e2e8f0"/>')
            parts.append(f'<text x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">{10.0**exponent:g}</text>')
        points = " ".join(f"{self._x(step):.1f},{self._y(number):.1f}" for step, number in enumerate(self.numbers))
        last, end = len(self.numbers) - 1, self.numbers[-1]
        parts += [
            f'<polyline points="{points}" fill="none" stroke="#6366f1" stroke-width="2.5" stroke-linejoin="round"/>',
            f'<circle cx="{self._x(last):.1f}" cy="{self._y(end):.1f}" r="4.5" fill="#6366f1"/>',
            f'<text x="{WIDTH - RIGHT}" y="{self._y(end) - 12:.1f}" text-anchor="end" fill="#4338ca">{end:.4g}</text>',
            f'<text x="{LEFT}" y="{HEIGHT - 16}">step 1</text>',
            f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 16}" text-anchor="end">step {len(self.numbers)}</text>',
            "</svg>",
        ]
        return "\n".join(parts)

    def __repr__(self) -> str:
        low, high = (math.log10(bound) for bound in (min(self.numbers), max(self.numbers)))
        every = max(1, math.ceil(len(self.numbers) / 60))
        heights = [(math.log10(number) - low) / ((high - low) or 1) for number in self.numbers[::every]]
        blocks = "".join(BLOCKS[round(height * (len(BLOCKS) - 1))] for height in heights)
        return f"{self.title}\n{self.numbers[0]:.4g} {blocks} {self.numbers[-1]:.4g}"

    def _decades(self) -> tuple[int, int]:
        low = math.floor(math.log10(min(self.numbers)))
        return low, max(low + 1, math.ceil(math.log10(max(self.numbers))))

    def _x(self, step: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * step / max(1, len(self.numbers) - 1)

    def _y(self, number: float) -> float:
        low, high = self._decades()
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log10(number) - low) / (high - low)
