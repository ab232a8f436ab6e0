# SPDX-License-Identifier: MIT
"""Results as a Markdown table and as an SVG plot."""

import statistics

COLOURS = {"cpm": "#0b7285", "bun": "#e8590c", "pnpm": "#f59f00", "npm": "#c92a2a", "yarn": "#1971c2"}
BAR, GAP, LEFT, WIDTH = 14, 18, 130, 760


def summarise(samples):
    """Medians of one cell, or None when any run of it was refused."""
    if not samples or any(sample.get("refused") for sample in samples):
        return None
    middle = {key: statistics.median(sample[key] for sample in samples) for key in ("wall_sec", "cpu_sec", "peak_kib", "requests", "received_bytes")}
    middle["low_sec"] = min(sample["wall_sec"] for sample in samples)
    middle["high_sec"] = max(sample["wall_sec"] for sample in samples)
    return middle


def row(state, cells):
    """One state's line: wall / CPU seconds per tool, and cpm's ratio to the best rival."""
    texts = [f"{cell['wall_sec']:.3f} / {cell['cpu_sec']:.2f}" if cell else "-" for cell in cells.values()]
    rivals = [cell["wall_sec"] for name, cell in cells.items() if cell and not name.startswith("cpm")]
    own = cells.get("cpm")
    ratio = f"{own['wall_sec'] / min(rivals):.2f}" if own and rivals else "-"
    return f"| {state} | " + " | ".join(texts) + f" | {ratio} |"


def markdown(results):
    tools = results["tools"]
    lines = [f"Project `{results['project']}`, {results['rounds']} rounds, medians, seconds wall / CPU; last column: cpm to the best rival.", ""]
    lines += ["| state | " + " | ".join(tools) + " | ratio |", "|---" * (len(tools) + 2) + "|"]
    memory = []
    for state, cells in results["cells"].items():
        middle = {tool: summarise(cells.get(tool)) for tool in tools}
        lines.append(row(state, middle))
        memory.append(f"| {state} | " + " | ".join(f"{cell['peak_kib'] / 1024:.0f} / {cell['requests']:.0f}" if cell else "-" for cell in middle.values()) + " |")
    lines += ["", "Peak memory in MiB / requests:", "", "| state | " + " | ".join(tools) + " |", "|---" * (len(tools) + 1) + "|", *memory]
    return "\n".join(lines)


def svg(results):
    """Horizontal bars, one group a state, each group on its own scale."""
    parts, y = [], 30
    for state, cells in results["cells"].items():
        middle = {tool: summarise(cells.get(tool)) for tool in results["tools"]}
        longest = max((cell["wall_sec"] for cell in middle.values() if cell), default=1)
        parts.append(f'<text x="8" y="{y + BAR}" font-weight="bold">{state}</text>')
        for tool, cell in middle.items():
            parts.append(_bar(tool, cell, longest, y))
            y += BAR + 2
        y += GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH + LEFT + 120}" height="{y}" font-family="sans-serif" font-size="11">'
    title = f'<text x="8" y="16" font-size="13">{results["project"]}: seconds, median of {results["rounds"]} (each state has its own scale)</text>'
    return "\n".join([head, title, *parts, "</svg>"]) + "\n"


def _bar(tool, cell, longest, y):
    colour = COLOURS.get(tool.partition("-")[0], "#868e96")
    label = f'<text x="{LEFT - 6}" y="{y + BAR - 3}" text-anchor="end">{tool}</text>'
    if not cell:
        return label + f'<text x="{LEFT}" y="{y + BAR - 3}">refused</text>'
    width = max(1, round(WIDTH * cell["wall_sec"] / longest))
    value = f'<text x="{LEFT + width + 4}" y="{y + BAR - 3}">{cell["wall_sec"]:.3f}</text>'
    return label + f'<rect x="{LEFT}" y="{y}" width="{width}" height="{BAR}" fill="{colour}"/>' + value
