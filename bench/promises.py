"""How many of the promises confirmed by reading are found automatically, and how many of those found are among them.

    python -m bench.promises [--missed] [--extra]

A promise counts as found when one of its kind is read in a place that overlaps its quotation. What is read beside the
confirmed ones is not always wrong (a table lists a duty once, a text says it twice), so the precision is a floor.
"""

from __future__ import annotations

import argparse
from collections import Counter

from services.router.core.policy.model import Promise
from services.router.core.policy.promises.extract import promises_of
from services.router.core.policy.text.parse import markup_of
from services.router.policies import load, shipped_root


def matches(one: Promise, other: Promise) -> bool:
    """Return whether two promises are of one kind and stand in one place."""
    return one.kind is other.kind and one.start < other.end and other.start < one.end


def main() -> None:
    """Print the shares by version and by kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--extra", action="store_true")
    given = parser.parse_args()
    base = load([shipped_root()])
    wanted, found, read_all, right = Counter(), Counter(), Counter(), Counter()
    for name in base.controllers:
        for policy in base.policies[name]:
            read = promises_of(policy.text, policy.clauses, markup_of(policy.text))
            hit = [p for p in policy.promises if any(matches(p, r) for r in read)]
            good = [r for r in read if any(matches(p, r) for p in policy.promises)]
            print(
                f"{name:10}{policy.version:12} found {len(hit)}/{len(policy.promises)}, right {len(good)}/{len(read)}"
            )
            for promise in policy.promises:
                wanted[promise.kind.value] += 1
                found[promise.kind.value] += promise in hit
                if given.missed and promise not in hit:
                    print(f"    missed {promise.kind.value:18} {promise.quote[:150]!r}")
            for promise in read:
                read_all[promise.kind.value] += 1
                right[promise.kind.value] += promise in good
                if given.extra and promise not in good:
                    print(f"    extra  {promise.kind.value:18} {dict(promise.value)} {promise.quote[:120]!r}")
    for kind in sorted(set(wanted) | set(read_all)):
        print(f"  {kind:20} found {found[kind]:3}/{wanted[kind]:<3}  right {right[kind]:3}/{read_all[kind]:<3}")
    print(
        f"recall {found.total() / wanted.total():.3f} of {wanted.total()}, "
        f"precision at least {right.total() / read_all.total():.3f} of {read_all.total()}"
    )


if __name__ == "__main__":
    main()
