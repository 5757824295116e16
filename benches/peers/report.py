"""Results as text: the tables, and docs/performance.md with what is generated in it."""

import re
import statistics
import sys

import plot
from measure import NOT_OFFERED, Cell
from results import ROOT, load

DOCUMENT = ROOT / "docs" / "performance.md"
# Beside it.
PLOTS = "performance"


# ---- the peers' cells, as JSON and back --------------------------------------

KIND = ["work", "transport", "processes", "threads"]


def to_json(tables):
    return [
        {**dict(zip(KIND, kind)), "size": size, "peer": peer, **vars(cell)}
        for kind, rows in tables.items()
        for size, cells in rows.items()
        for peer, cell in cells.items()
    ]


def from_json(cells, tables):
    """Adds cells to tables, in place of those that were measured before."""
    for cell in cells:
        rows = tables.setdefault(tuple(cell[name] for name in KIND), {})
        peers = rows.setdefault(cell["size"], {})
        peers[cell["peer"]] = Cell(cell["rounds"], cell["failures"])


# ---- tables ------------------------------------------------------------------


def offered(tables):
    """Without those that nobody offers: over inproc there are no two processes."""
    return {
        kind: rows
        for kind, rows in tables.items()
        if any(cell.is_offered() for cells in rows.values() for cell in cells.values())
    }


def title(work, transport, processes, threads):
    return f"{work} over {transport}, {place(processes, threads)}"


def place(processes, threads):
    runtime = f"{threads} threads" if threads else "the current thread"
    return f"{['one process', 'two processes'][processes - 1]}, runtime of {runtime}"


def markdown(heads, lines, left=1):
    """A table, of which so many columns are text, and the others numbers."""
    rule = "|" + "---|" * left + "--:|" * (len(heads) - left)
    rows = ["| " + " | ".join(line) + " |" for line in [heads, *lines]]
    return "\n".join([rows[0], rule, *rows[1:]])


def table(units, references, rows):
    """`rows` has the cells of all peers for each size."""
    # A ratio to who was not measured would be an empty column.
    references = [r for r in references if any(r in cells for cells in rows.values())]
    heads = ["peer", "bytes", units[0], "min to max"]
    heads += [f"/ {reference}" for reference in references] + units[1:] + ["CPU µs", "peak MiB"]
    lines, notes = [], []
    for size, cells in rows.items():
        for peer, cell in cells.items():
            line = [peer, str(size)]
            if cell.failures and cell.is_offered():
                notes.append(f"{peer}, {size} bytes: {cell.footnote()}")
                line[0] += f" [{len(notes)}]"
            if cell.rounds:
                rates = cell.figures(0)
                line += [f"{cell.median():,.0f}", f"{min(rates):,.0f} to {max(rates):,.0f}"]
                line += [ratio(cell, cells.get(reference)) for reference in references]
                line += [f"{cell.median(i):.1f}" for i in range(1, len(units))]
                line += [f"{cell.taken('cpu µs'):.2f}", f"{cell.taken('MiB'):.1f}"]
            else:
                why = "fails" if cell.is_offered() else NOT_OFFERED
                line += [why] + [""] * (len(heads) - 3)
            lines.append(line)
    notes = [f"\n\n[{number}] {note}" for number, note in enumerate(notes, 1)]
    return markdown(heads, lines) + "".join(notes)


def ratio(cell, other):
    beside = cell.beside(other) if other not in (None, cell) else None
    if beside is None:
        return ""
    times, error = beside
    return f"{times:.2f}" if error is None else f"{times:.2f} ± {error:.2f}"


# ---- what is generated -------------------------------------------------------


class Blocks(dict):
    """The generated blocks by name, and the plots that they show by file name."""

    def __init__(self):
        self.plots = {}

    def show(self, name, panels, says):
        """The Markdown that shows panels as a plot."""
        file = re.sub("[^a-z0-9]+", "-", name) + ".svg"
        self.plots[file] = plot.svg(panels)
        return f"![{says}]({PLOTS}/{file})"


def write(paths):
    """Writes the generated blocks of the document, and its plots."""
    files = load(paths)
    blocks = Blocks()
    add_machine(blocks, files)
    add_works(blocks, [file for file in files if "cells" in file])
    for file in files:
        for growth in file.get("growth", []):
            add_growth(blocks, growth)
        if "cost" in file:
            blocks["cost"] = cost_table(file["cost"])
    document = fill(DOCUMENT.read_text(), blocks)
    DOCUMENT.write_text(document)
    folder = DOCUMENT.with_name(PLOTS)
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.svg"):
        if f"({PLOTS}/{old.name})" not in document:
            old.unlink()
    for name, text in blocks.plots.items():
        (folder / name).write_text(text)


def fill(document, blocks):
    """The document with other blocks between the same markers; what was not measured stays."""
    marked = re.compile(r"(<!-- generated: (.*?) -->\n).*?(<!-- end -->)", re.DOTALL)
    names = [match[2] for match in marked.finditer(document)]
    if homeless := [name for name in blocks if name not in names]:
        sys.exit(f"{DOCUMENT} has no block for: {', '.join(homeless)}")

    def block(match):
        new = blocks.get(match[2])
        return match[0] if new is None else f"{match[1]}\n{new}\n\n{match[3]}"

    return marked.sub(block, document)


def add_machine(blocks, files):
    """What measured, and when."""
    dates = sorted({file["date"] for file in files})
    lines = [["date", " to ".join(dict.fromkeys([dates[0], dates[-1]]))]]
    lines += files[0]["machine"].items()
    libraries = {}
    for file in files:
        for peer, versions in file.get("peers", {}).items():
            libraries[peer] = ", ".join(versions)
    lines += libraries.items()
    blocks["machine"] = markdown(["", ""], lines, left=2)


def add_works(blocks, files):
    tables, units, peers, references = {}, {}, {}, []
    for file in files:
        from_json(file["cells"], tables)
        units.update(file["units"])
        peers.update(file["peers"])
        references = file["references"]
    tables = offered(tables)
    # A peer looks the same in all plots.
    styles = {peer: number for number, peer in enumerate(peers)}
    for work in units:
        parts = []
        kinds = [kind for kind in tables if kind[0] == work]
        for transport in dict.fromkeys(kind[1] for kind in kinds):
            over = [kind for kind in kinds if kind[1] == transport]
            parts.append(f"### {work} over {transport}")
            parts += plots(blocks, {kind: tables[kind] for kind in over}, units[work], styles)
            for kind in over:
                rounds = {len(c.rounds) for cells in tables[kind].values() for c in cells.values()}
                text = table(units[work], references, tables[kind])
                summary = f"{place(*kind[2:])}, {max(rounds)} rounds"
                parts.append(f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>")
        blocks[work] = "\n\n".join(parts)


def plots(blocks, tables, units, styles):
    """What is to be seen of a work over a transport: the rates, and the latencies."""
    work, transport = next(iter(tables))[:2]
    name = f"{work} over {transport}"
    curves, bars = [], []
    percentiles = [i for i, unit in enumerate(units) if re.match(r"p\d", unit)]
    for (_, _, *where), rows in tables.items():
        curves.append(
            plot.curves(place(*where), "bytes a message", units[0], rates(rows, styles), styles)
        )
        for size, cells in rows.items():
            rows_of_bars = {
                peer: [cell.median(i) for i in percentiles]
                for peer, cell in cells.items()
                if cell.rounds
            }
            heading = f"{place(*where)}, {size} bytes"
            bars.append(plot.bars(heading, [units[i] for i in percentiles], rows_of_bars, styles))
    shown = []
    if any(len(rows) > 1 for rows in tables.values()):
        shown.append(blocks.show(name, curves, f"{units[0]} by size, {name}"))
    if percentiles:
        shown.append(blocks.show(f"{name} latency", bars, f"latency of {name}"))
    return shown


def rates(rows, styles):
    """Points of a curve for each peer."""
    return {
        peer: [(size, rows[size][peer].median()) for size in sorted(rows) if has(rows[size], peer)]
        for peer in styles
    }


def has(cells, peer):
    return peer in cells and cells[peer].rounds


def add_growth(blocks, growth):
    """A table, and a panel for each unit, which is a figure's first word."""
    name, figures = growth["name"], growth["figures"]
    panels = []
    for unit in dict.fromkeys(figure.split()[0] for figure in figures):
        series = {
            figure.removeprefix(unit).strip(): [
                (row["count"], row["figures"][i]) for row in growth["rows"] if "figures" in row
            ]
            for i, figure in enumerate(figures)
            if figure.split()[0] == unit
        }
        styles = {what: number for number, what in enumerate(series)}
        panels.append(plot.curves(unit, name, "", series, styles))
    shown = blocks.show(f"growth {name}", panels, f"costs by the number of {name}")
    blocks[f"growth {name}"] = f"{shown}\n\n{growth_table(growth)}"


def growth_table(growth):
    lines, notes = [], []
    for row in growth["rows"]:
        line = [f"{row['count']:,}"]
        if "failure" in row:
            notes.append(f"\n\n{line[0]} {growth['name']}: {row['failure'][:300]}")
            line += ["fails"] + [""] * (len(growth["figures"]) - 1)
        else:
            line += [f"{f:,.0f}" if f >= 1000 else f"{f:.3g}" for f in row["figures"]]
        lines.append(line)
    return markdown([growth["name"], *growth["figures"]], lines, left=0) + "".join(notes)


def cost_table(programs):
    """What it costs to build each of the programs, and how large they become."""
    profiles = ["dev", "release"]
    heads = ["program"]
    for profile in profiles:
        heads += [f"{profile} build, s", "min to max", "CPU s"]
    lines = []
    for name, cost in programs.items():
        line = [name]
        for profile in profiles:
            times, cpu = zip(*cost[profile])
            line += [f"{statistics.median(times):.1f}", f"{min(times):.1f} to {max(times):.1f}"]
            line.append(f"{statistics.median(cpu):.1f}")
        lines.append(line + [f"{cost['bytes'] / 1024:,.0f}"])
    return markdown(heads + ["stripped release program, KiB"], lines)
