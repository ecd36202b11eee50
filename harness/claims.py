"""`claims.yaml`: what a product's document says of itself, to be set beside what is measured.

Claims gate nothing. "About 2 s" is read as at most 2 s and what `allow` adds to it; a claim without
a number is held to what one of the product's own tests prints.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from harness.budgets import GROWTH, UNITS
from harness.errors import ConfigError
from harness.records import Budget, Statistic
from harness.strict import Strict, checked, nearest, read_yaml
from harness.suite import Suite

CLAIMS = "claims.yaml"


class Claim(Strict):
    """One tick of the document: about a metric, or about one of the product's tests."""

    text: str = Field(min_length=1)  # as the document has it
    metric: str | None = None
    statistic: Statistic = Statistic.MAX
    at_most: float | None = None
    unit: str = "s"
    allow: float = Field(default=0, ge=0)  # percent of `at_most` that the claim leaves open
    test: str | None = None  # file name of a test, without ending: it passes
    prints: tuple[str, ...] = ()  # and its output holds these texts

    one_kind: ClassVar[str] = "give metric and at_most, or test: a claim is about one of them"

    @model_validator(mode="after")
    def _one_kind_in_a_known_unit(self) -> Self:
        numbered = self.metric is not None and self.at_most is not None
        if numbered == (self.test is not None) or (self.metric is None) != (self.at_most is None):
            raise PydanticCustomError("one_kind", "{text}", {"text": self.one_kind})
        if self.unit not in UNITS:
            text = f"unknown unit {self.unit!r}. Known: {', '.join(UNITS)}"
            raise PydanticCustomError("unknown_unit", "{text}", {"text": text})
        return self

    def budget(self, *, times: float = 1.0) -> Budget:
        """The claim on a metric as a limit in SI units; `times` it, for another unit."""
        factor, unit = UNITS[self.unit]
        return Budget(
            metric=self.metric or "",
            statistic=self.statistic,
            limit=times * factor * (self.at_most or 0.0) * (1 + self.allow / 100),
            unit=unit,
            at_most=True,
            title=self.text,
            required=False,
        )


class Claims(Strict):
    """The claims about one bundle, and what is done to judge them."""

    starts: int = Field(ge=3)  # processes whose load and peak are taken; a maximum needs three
    tests: tuple[str, ...] = ()  # the product's own, each a Python file that fails by its status
    timeout_s: float = Field(gt=0)  # of one test, and of one start
    rows: tuple[Claim, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _tests_are_there(self) -> Self:
        names = {Path(test).stem for test in self.tests}
        for row in self.rows:
            if row.test is not None and row.test not in names:
                text = f"{row.text!r}: unknown test {row.test!r}.{nearest(row.test, names)}"
                raise PydanticCustomError("unknown_test", "{text}", {"text": text})
        return self


class ClaimsFile(Strict):
    """`claims.yaml`: claims per bundle."""

    bundles: dict[str, Claims]


def read_claims(file: Path, bundle: str, suite: Suite, known: Iterable[str]) -> Claims | None:
    """Read the claims about one bundle; those about every other are checked too.

    Args:
        known: every metric that a claim may be about.

    Returns:
        None where there is no such file, or it says nothing of the bundle.

    Raises:
        ConfigError: names file, claim and what was expected.
    """
    if not file.exists():
        return None
    known, bundles = tuple(known), checked(ClaimsFile, read_yaml(file), file).bundles
    for name, claims in bundles.items():
        for row in claims.rows:
            if row.metric is not None and row.metric not in known:
                where = f"{file}: bundles.{name}: {row.text!r}"
                said = f"unknown metric {row.metric!r}.{nearest(row.metric, known)}"
                raise ConfigError(f"{where}: {said}")
            if row.metric == GROWTH and suite.soak is None:
                raise ConfigError(
                    f"{file}: bundles.{name}: {row.text!r} is judged by a soak, and suite.yaml has "
                    "no section `soak`. Add one."
                )
    return bundles.get(bundle)
