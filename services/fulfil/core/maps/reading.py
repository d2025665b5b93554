"""From the text of map files to maps that fit together, or to every reason why they do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.fulfil.core.maps.fides import is_fides, read_fides
from services.fulfil.core.maps.model import DataMap, Field, Path, Table, TableName
from services.fulfil.core.maps.native import is_native, read_native
from services.fulfil.core.maps.parts import Findings, near
from services.fulfil.core.maps.policies import Rule, apply_rules, is_policy, read_policies
from services.fulfil.core.maps.tree import MapFault, Node, Problem, read_tree


def read_maps(texts: Iterable[tuple[str, str]]) -> tuple[tuple[DataMap, ...], tuple[Problem, ...]]:
    """Read files given as (name, text), check them together, and return the maps and the remarks on them.

    Raises MapFault with all that is wrong, not with the first thing only.
    """
    maps: list[DataMap] = []
    rules: list[Rule] = []
    problems: list[Problem] = []
    for file, text in texts:
        findings = Findings(file)
        try:
            tree = read_tree(text, file)
            if is_policy(tree):
                rules.extend(read_policies(tree, findings))
            else:
                maps.extend(_read_one(tree, findings))
        except MapFault as fault:
            problems.extend(fault.problems)
        problems.extend(findings.problems)
    maps = apply_rules(maps, rules)
    if not any(problem.fatal for problem in problems):
        problems.extend(_together(maps))
    fatal = [problem for problem in problems if problem.fatal]
    if fatal:
        raise MapFault(fatal)
    return tuple(maps), tuple(problems)


def _read_one(tree: Node, findings: Findings) -> list[DataMap]:
    if is_native(tree):
        return read_native(tree, findings)
    if is_fides(tree):
        return read_fides(tree, findings)
    remedy = "A map starts with `system: name`, a Fides file with `dataset:`. See docs/datamaps.md."
    raise MapFault([Problem(findings.file, tree.line, "This is neither a habeas map nor a Fides dataset.", remedy)])


def _together(maps: list[DataMap]) -> list[Problem]:
    """Check what can only be seen with all the maps at hand."""
    problems: list[Problem] = []
    seen: dict[str, DataMap] = {}
    for data_map in maps:
        if data_map.system in seen:
            said = f"System `{data_map.system}` is mapped twice (also in {seen[data_map.system].file})."
            problems.append(Problem(data_map.file, 1, said, "Give each system one map."))
        seen[data_map.system] = data_map
    tables = {TableName(m.system, t.name): t for m in maps for t in m.tables}
    for data_map in maps:
        problems.extend(_duplicates(data_map))
        for table in data_map.tables:
            problems.extend(_references(data_map, table, seen, tables))
            problems.extend(_orders(data_map, table, tables))
            problems.extend(_retention_field(data_map, table))
    problems.extend(_erase_cycles(maps))
    if maps and not any(True for table in tables.values() for _ in table.identities()):
        said = "No field of any map is an identity, so nobody can be found."
        problems.append(Problem(maps[0].file, 1, said, "Mark at least one, for example `identity: email`."))
    return problems


def _duplicates(data_map: DataMap) -> Iterable[Problem]:
    names: set[str] = set()
    for table in data_map.tables:
        if table.name in names:
            yield Problem(data_map.file, table.line, f"Table `{table.name}` is listed twice.", "Keep one of them.")
        names.add(table.name)
        yield from _double_fields(data_map, table.name, table.fields)


def _double_fields(data_map: DataMap, where: str, fields: tuple[Field, ...]) -> Iterable[Problem]:
    names: set[str] = set()
    for f in fields:
        if f.name in names:
            yield Problem(data_map.file, f.line, f"Field `{where}.{f.name}` is listed twice.", "Keep one of them.")
        names.add(f.name)
        yield from _double_fields(data_map, f"{where}.{f.name}", f.fields)


def _has(table: Table, path: Path) -> bool:
    fields = table.fields
    for depth, name in enumerate(path):
        found = next((f for f in fields if f.name == name), None)
        if found is None:
            return False
        if not found.fields:
            return depth == len(path) - 1
        fields = found.fields
    return True


def _references(
    data_map: DataMap, table: Table, systems: Mapping[str, DataMap], tables: Mapping[TableName, Table]
) -> Iterable[Problem]:
    for reference in table.references:
        other = tables.get(reference.other)
        if other is None:
            yield _unknown_table(data_map, table, reference.line, reference.other, systems)
            continue
        for path in reference.their_paths:
            if not _has(other, path):
                said = f"`{table.name}` refers to `{reference.other}.{'.'.join(path)}`, which is not mapped."
                hint = near(path[-1], {p[-1]: 0 for p, _ in other.leaves()})
                yield Problem(data_map.file, reference.line, said, f"Add the field there, or mend the name.{hint}")
        for path in reference.paths:
            if not _has(table, path):
                said = f"The reference's own field `{table.name}.{'.'.join(path)}` is not mapped."
                yield Problem(data_map.file, reference.line, said, "Add it to the table's fields.")


def _unknown_table(
    data_map: DataMap, table: Table, line: int, other: TableName, systems: Mapping[str, DataMap]
) -> Problem:
    if other.system not in systems and data_map.foreign:
        # A company's datasets refer to each other, and are moved over one by one.
        said = f"`{table.name}` refers to `{other}`, and no map of `{other.system}` was given; it is not followed."
        return Problem(data_map.file, line, said, "Give its dataset too, to follow the reference.", fatal=False)
    if other.system not in systems:
        said = f"`{table.name}` refers to `{other}`, and no map of system `{other.system}` was given."
        remedy = f"Give its map too, or mend the name.{near(other.system, systems)}"
    else:
        said = f"`{table.name}` refers to table `{other}`, which is not mapped."
        names = {t.name: 0 for t in systems[other.system].tables}
        remedy = f"Add the table to the map, or mend the name.{near(other.table, names)}"
    return Problem(data_map.file, line, said, remedy)


def _orders(data_map: DataMap, table: Table, tables: Mapping[TableName, Table]) -> Iterable[Problem]:
    for what, names in (("erase_after", table.erase_after), ("after", table.read_after)):
        for name in names:
            if name not in tables:
                said = f"`{table.name}` is to come {what} `{name}`, which is not mapped."
                yield Problem(
                    data_map.file, table.line, said, f"Mend the name.{near(str(name), {str(n): 0 for n in tables})}"
                )


def _retention_field(data_map: DataMap, table: Table) -> Iterable[Problem]:
    kept = table.retention
    if kept and kept.counted_from and not any(f.name == kept.counted_from for f in table.fields):
        said = f"The retention of `{table.name}` counts from `{kept.counted_from}`, which is not mapped."
        yield Problem(data_map.file, kept.line, said, "Add the field to the table.")


def _erase_cycles(maps: list[DataMap]) -> Iterable[Problem]:
    """An order in which two tables must each come after the other can be kept by nobody."""
    after = {TableName(m.system, t.name): t.erase_after for m in maps for t in m.tables}
    lines = {TableName(m.system, t.name): (m.file, t.line) for m in maps for t in m.tables}
    done: set[TableName] = set()

    def visit(name: TableName, way: tuple[TableName, ...]) -> Iterable[Problem]:
        if name in way:
            file, line = lines[name]
            circle = " → ".join(str(n) for n in (*way[way.index(name) :], name))
            yield Problem(file, line, f"erase_after goes in a circle: {circle}.", "Remove one of them.")
            return
        if name in done:
            return
        for earlier in after.get(name, ()):
            yield from visit(earlier, (*way, name))
        done.add(name)

    for name in after:
        yield from visit(name, ())
