"""Plots as SVG. They bring a background of their own, light or dark as the reader's
system is, so that they are legible on every page.

A plot is made of panels, two in a row; a panel is its height and its elements. One with
many curves has a row of its own.
"""

import math
from html import escape

WIDTH = 450
# Of a panel, what is beside the figure: the numbers, and the names of the curves.
LEFT, RIGHT, TOP, BOTTOM = 52, 146, 40, 44
HEIGHT = 340
LINE = 14
# How many curves there is room for in half a row.
FEW = 8

COLOURS = ["#3b82c4", "#e07b1f", "#3f9b4f", "#d1495b", "#8e6bbf", "#1f9e9e", "#b08a1a", "#8a6d5c"]
DASHES = ["", "6 3", "2 3"]

STYLE = """
svg { background: #ffffff; font: 11px sans-serif; }
text { fill: #1f2328; } .faint { fill: #59636e; } .title { font-size: 12px; font-weight: bold; }
.lead { stroke-width: 0.7; } .grid { stroke: #d1d9e0; } .page { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
  svg { background: #0d1117; }
  text { fill: #f0f6fc; } .faint { fill: #9198a1; }
  .grid { stroke: #30363d; } .page { fill: #0d1117; }
}"""


def svg(panels):
    """The panels as one plot."""
    parts, x, y, row_height, width = [], 0, 0, 0, 0
    for panel_width, height, elements in panels:
        if x + panel_width > 2 * WIDTH:
            x, y, row_height = 0, y + row_height, 0
        parts += [f'<g transform="translate({x} {y})">', *elements, "</g>"]
        x, row_height = x + panel_width, max(row_height, height)
        width = max(width, x)
    height = y + row_height
    size = f'viewBox="0 0 {width} {height}" width="{width}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    page = f'<rect class="page" width="{width}" height="{height}"/>'
    return "\n".join([head, f"<style>{STYLE}\n</style>", page, *parts, "</svg>"]) + "\n"


def curves(title, x_name, y_name, series, styles):
    """A panel with a curve of points for each of the series, on logarithmic axes."""
    series = {name: drawable(points) for name, points in series.items()}
    series = {name: points for name, points in series.items() if points}
    width, height = (WIDTH, HEIGHT) if len(series) <= FEW else (2 * WIDTH, 3 * HEIGHT // 2)
    points = [point for points in series.values() for point in points]
    if not points:
        return width, height, [text(LEFT, 16, title, "title")]
    xs = sorted({x for x, _ in points})
    right, bottom = width - RIGHT, height - BOTTOM
    to_x = log_scale(xs[0], xs[-1], LEFT, right)
    ticks = log_ticks(min(y for _, y in points), max(y for _, y in points))
    to_y = log_scale(ticks[0], ticks[-1], bottom, TOP)
    parts = [text(LEFT, 16, title, "title"), text(LEFT, 31, y_name, "faint")]
    for y in ticks:
        parts.append(line([(LEFT, to_y(y)), (right, to_y(y))], 'class="grid"'))
        parts.append(text(LEFT - 5, to_y(y) + 4, short(y), "faint", "end"))
    for x in xs:
        parts.append(line([(to_x(x), bottom), (to_x(x), bottom + 4)], 'class="grid"'))
        parts.append(text(to_x(x), bottom + 16, short(x, "bytes" in x_name), "faint", "middle"))
    parts.append(text((LEFT + right) / 2, bottom + 34, x_name, "faint", "middle"))
    # Each name beside the end of its curve, moved until they no longer overlap.
    ends = sorted((to_y(points[-1][1]), name) for name, points in series.items())
    places = apart([y for y, _ in ends], TOP, height - 8)
    for (_, name), place in zip(ends, places):
        drawn = [(to_x(x), to_y(y)) for x, y in series[name]]
        parts.append(line(drawn, pen(name, styles)))
        for x, y in drawn:
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" {fill(name, styles)}/>')
        sample = [(right + 18, place), (right + 36, place)]
        parts.append(line([drawn[-1], sample[0]], f'class="lead" {stroke(name, styles)}'))
        parts.append(line(sample, pen(name, styles)))
        parts.append(text(right + 40, place + 4, name))
    return width, height, parts


def bars(title, units, rows, styles):
    """A panel with a bar for each row, from its first figure to its last, with a paler
    part for each of them, on a logarithmic axis."""
    height = TOP + 3 * LINE * len(rows) // 2 + BOTTOM
    bottom = height - BOTTOM
    left, right = 105, WIDTH - 150
    parts = [text(left, 16, title, "title"), text(left, 31, " / ".join(units), "faint")]
    figures = [figure for row in rows.values() for figure in row]
    if not figures:
        return WIDTH, height, parts
    ticks = log_ticks(min(figures), max(figures))
    to_x = log_scale(ticks[0], ticks[-1], left, right)
    for x in ticks:
        parts.append(line([(to_x(x), TOP), (to_x(x), bottom)], 'class="grid"'))
        parts.append(text(to_x(x), bottom + 14, short(x), "faint", "middle"))
    for number, (name, row) in enumerate(rows.items()):
        y = TOP + LINE * (1.5 * number + 0.25)
        parts.append(text(left - 6, y + 11, name, anchor="end"))
        for i, (begin, end) in enumerate(zip(row, row[1:])):
            width = max(to_x(end) - to_x(begin), 0)
            place = f'x="{to_x(begin):.1f}" y="{y:.1f}" width="{width:.1f}" height="{LINE}"'
            parts.append(f'<rect {place} {fill(name, styles)} opacity="{0.9 / 2**i:.2f}"/>')
        # The median, which is what most look for.
        place = f'x="{to_x(row[0]) - 2:.1f}" y="{y - 2:.1f}" width="4" height="{LINE + 4}"'
        parts.append(f"<rect {place} {fill(name, styles)}/>")
        figures = " / ".join(f"{figure:.0f}" for figure in row)
        parts.append(text(right + 8, y + 11, figures, "faint"))
    return WIDTH, height, parts


# ---- axes --------------------------------------------------------------------


def drawable(points):
    """Those that a logarithmic axis has a place for."""
    return [(x, y) for x, y in points if x > 0 and y is not None and 0 < y < math.inf]


def log_scale(low, high, begin, end):
    """Where on an axis from `begin` to `end` a value is; a single one is in the middle."""
    if low == high:
        return lambda value: (begin + end) / 2
    each = (end - begin) / math.log(high / low)
    return lambda value: begin + each * math.log(value / low)


def log_ticks(low, high):
    """Round numbers around the values: few, as powers of ten, or with those between."""
    # What hardly differs shall look so.
    if high < 10 * low:
        middle = math.sqrt(low * high)
        low, high = middle / math.sqrt(10), middle * math.sqrt(10)
    for steps in ([1], [1, 3], [1, 2, 5]):
        exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        all_ticks = [step * 10.0**exponent for exponent in exponents for step in steps]
        below = [tick for tick in all_ticks if tick <= low]
        above = [tick for tick in all_ticks if tick >= high]
        ticks = [tick for tick in all_ticks if below[-1] <= tick <= above[0]]
        if len(ticks) > 3:
            break
    return ticks


def short(value, is_bytes=False):
    """A number in few characters: 20k, 1M; of bytes 4Ki, 1Mi."""
    base, units = (1024, ["", "Ki", "Mi"]) if is_bytes else (1000, ["", "k", "M", "G"])
    while value >= base and len(units) > 1:
        value, units = value / base, units[1:]
    return f"{value:.3g}{units[0]}"


def apart(places, low, high):
    """Places in ascending order, moved as little as is simple to be a line apart."""
    distance = min(LINE, (high - low) / max(len(places), 1))
    moved = []
    for place in places:
        moved.append(max(place, moved[-1] + distance) if moved else max(place, low))
    limit = high
    for i in reversed(range(len(moved))):
        moved[i] = limit = min(moved[i], limit)
        limit -= distance
    return moved


# ---- elements ----------------------------------------------------------------


def colour(name, styles):
    return COLOURS[styles[name] % len(COLOURS)]


def fill(name, styles):
    return f'fill="{colour(name, styles)}"'


def stroke(name, styles):
    return f'stroke="{colour(name, styles)}"'


def pen(name, styles):
    """Colours come again, in other dashes. What is ours is thicker."""
    dashes = DASHES[styles[name] // len(COLOURS) % len(DASHES)]
    width = 3 if name.startswith("ours") else 1.6
    look = f'{stroke(name, styles)} stroke-width="{width}"'
    return look + (f' stroke-dasharray="{dashes}"' if dashes else "")


def line(points, look):
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{places}" fill="none" {look}/>'


def text(x, y, words, kind="", anchor=""):
    look = f' class="{kind}"' if kind else ""
    look += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{look}>{escape(words)}</text>'
