"""Draw the transition table of a claim into docs/cases.md, between its two marks.

python scripts/draw_cases.py
"""

from __future__ import annotations

from pathlib import Path

from services.router.core.cases.table import TABLE, diagram

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cases.md"
BEGIN, END = "<!-- drawn from the table: begin -->\n", "<!-- drawn from the table: end -->"


def drawn() -> str:
    """Return the diagram and, below it, what leaves a claim where it stands."""
    lines = ["```mermaid", diagram().rstrip(), "```", "", "| stage | what can happen without leaving it |", "|---|---|"]
    for stage, row in TABLE.items():
        stays = sorted(event.name() for event, target in row.items() if target is stage)
        lines.append(f"| {stage.value} | {', '.join(stays) or 'nothing'} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page with the table as it is now."""
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + BEGIN + drawn() + END + after, "utf-8")


if __name__ == "__main__":
    main()
