"""Fides's rules for requests, read beside its datasets: which categories are masked in which way.

A rule names an action and targets, categories of data; an erasure rule also says how what it targets is masked. That is
followed, the most specific target first, where a field says nothing itself. What a rule would leave out is not: a
person gets all that is theirs (Art. 15(1), 15(3) GDPR), and all of it is erased (Art. 17(1)), whatever is targeted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.fulfil.core.maps.fides import mask_of
from services.fulfil.core.maps.model import DataMap, Field, Mask
from services.fulfil.core.maps.parts import Findings, near
from services.fulfil.core.maps.tree import Node

LISTS: Final = ("policies", "dsr_policies", "policy", "rules")
ACTIONS: Final = ("access", "erasure", "consent", "update")
POLICY_KEYS: Final = frozenset(
    {"name", "key", "fides_key", "description", "rules", "execution_timeframe", "drp_action", "targets", "id",
     "organization_fides_key", "tags", "created_at", "updated_at"}
)  # fmt: skip
RULE_KEYS: Final = frozenset(
    {"name", "key", "fides_key", "description", "action_type", "targets", "masking_strategy", "storage_destination",
     "storage_destination_key", "policy_key", "policy", "id"}
)  # fmt: skip
TARGET_KEYS: Final = frozenset({"name", "key", "data_category", "id"})
_OF_USES: Final = ("data_uses", "data_subjects", "data_categories", "data_qualifier")
"""What makes a rule one about uses of data, as fideslang's own policies are: it says nothing of requests."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How a category of data is masked."""

    category: str
    mask: Mask

    def covers(self, category: str) -> bool:
        """Tell whether a category is this one, or below it."""
        return category == self.category or category.startswith(f"{self.category}.")


def is_policy(tree: Node) -> bool:
    """Whether a file holds policies and not maps."""
    return any(name in tree.mapping for name in LISTS)


def read_policies(tree: Node, findings: Findings) -> list[Rule]:
    """Return the rules of a file that say how something is masked, and remark on the others."""
    found: list[Rule] = []
    for name in ("policies", "dsr_policies", "policy"):
        for policy in tree.entries(name):
            _known(policy, POLICY_KEYS, "a policy", findings)
            for rule in policy.entries("rules"):
                found += _rule(rule, findings)
    for rule in tree.entries("rules"):
        found += _rule(rule, findings)
    return found


def apply_rules(maps: Sequence[DataMap], rules: Sequence[Rule]) -> list[DataMap]:
    """Return maps whose fields are masked as the rules say, where a field does not say so itself."""
    if not rules:
        return list(maps)
    return [
        replace(
            data_map,
            tables=tuple(
                replace(table, fields=tuple(_ruled(f, rules) for f in table.fields)) for table in data_map.tables
            ),
        )
        for data_map in maps
    ]


def _ruled(field: Field, rules: Sequence[Rule]) -> Field:
    nested = tuple(_ruled(below, rules) for below in field.fields)
    fitting = [rule for rule in rules if any(rule.covers(category) for category in field.categories)]
    if field.mask is not None or field.fields or not fitting:
        return replace(field, fields=nested)
    return replace(field, mask=max(fitting, key=lambda rule: rule.category.count(".")).mask)


def _rule(rule: Node, findings: Findings) -> Iterator[Rule]:
    name = findings.text(rule.get("name") or rule.get("key"), "name") or "without a name"
    action = findings.text(rule.get("action_type"), "action_type")
    if not action and any(key in rule.mapping for key in _OF_USES):
        findings.odd(
            rule, f"Rule `{name}` is about uses of data, not about requests; it is not followed.",
            "Purposes are said in habeas's own format: `purpose:`, `consent:`.",
        )  # fmt: skip
        return
    _known(rule, RULE_KEYS, f"rule `{name}`", findings)
    if action not in ACTIONS:
        remedy = f"Use one of: {', '.join(ACTIONS)}.{near(action, ACTIONS)}"
        findings.wrong(rule.get("action_type") or rule, f"Rule `{name}` has no known action_type.", remedy)
        return
    targets = list(_targets(rule, name, findings))
    if action != "erasure":
        findings.odd(
            rule, f"Rule `{name}` ({action}) is not followed: a person gets all that is theirs, whatever is targeted.",
            "Leave out a table with `skip`, where it holds nobody's data.",
        )  # fmt: skip
        return
    strategy = rule.get("masking_strategy")
    if strategy is None:
        findings.wrong(rule, f"Rule `{name}` erases and has no masking_strategy.", "Add `strategy: null_rewrite`.")
        return
    if not targets:
        findings.wrong(rule, f"Rule `{name}` has no targets.", "Add `targets: [{data_category: user.contact}]`.")
    mask = mask_of(strategy, findings)
    if mask is not None:
        yield from (Rule(category, mask) for category in targets)


def _targets(rule: Node, name: str, findings: Findings) -> Iterator[str]:
    for target in rule.entries("targets"):
        if isinstance(target.value, str):
            yield target.value
            continue
        _known(target, TARGET_KEYS, f"a target of rule `{name}`", findings)
        category = findings.text(target.get("data_category"), "data_category")
        if category:
            yield category
        else:
            findings.wrong(target, f"A target of rule `{name}` names no category.", "Add `data_category: user`.")


def _known(node: Node, names: frozenset[str], where: str, findings: Findings) -> None:
    for name, below in node.mapping.items():
        if name not in names:
            findings.odd(below, f"`{name}` is not a known key of {where} and is ignored.", near(name, names).strip())
