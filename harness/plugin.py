"""pytest as the runner: a run is taken lazily, each test judges one budget or one rule.

A test marked `budgets("latency")` with the argument `budget` is repeated for every row of
`budgets.yaml` whose metric begins with that word; one marked `rules("integrity")` with `rule` for
every rule that the pass looks at. The fixture `gate` takes what is still to be taken and judges:

    @pytest.mark.budgets("latency")
    def test_latency(gate: Gate, budget: Budget) -> None:
        \"\"\"Every time that a user waits for is within its budget.\"\"\"
        gate.budget(budget)

`harness bench` runs such files; so does `pytest -p harness.plugin benchmarks/`, with pytest's own
output and exit codes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from harness import functions
from harness.config import Settings, read_settings
from harness.errors import HarnessError
from harness.judge.fineness import refuse_finer_budgets
from harness.judge.likeness import budget_facts
from harness.judge.looks import undecided
from harness.judge.verdicts import judge, judge_all
from harness.records import Budget, Finding, Measurement, Outcome, Run, Verdict
from harness.run.bench import RULES, Bench
from harness.run.plan import make_plan
from harness.store import RunWriter

RUNS = Path("reports/runs")

_MISSED = (Outcome.FAIL, Outcome.INFEASIBLE)


class Gate:
    """What a test asks: take what this needs, judge it, and pass, fail or be skipped."""

    def __init__(self, runner: RunPlugin) -> None:
        self._runner = runner

    def budget(self, budget: Budget) -> None:
        """Pass if the run keeps `budget`; be skipped, with the reason, where it cannot tell."""
        run = self._runner.run_with(budget.metric.split(".")[0])
        verdict = judge(budget, run)
        if verdict.outcome in _MISSED or (
            verdict.outcome is Outcome.NOT_MEASURED and budget.required
        ):
            pytest.fail(f"{budget.title}: {verdict.sentence}", pytrace=False)
        if verdict.outcome is not Outcome.PASS:
            pytest.skip(f"{verdict.outcome}: {verdict.sentence}")

    def rule(self, area: str, rule: str) -> None:
        """Pass if the rule of this name holds; be skipped where it could not be applied."""
        self._judge(f for f in self._runner.run_with(area).findings if f.rule == rule)

    def processes(self) -> None:
        """Pass if nothing went wrong in the processes that were measured so far."""
        self.area("process")

    def area(self, name: str) -> None:
        """Pass if every finding of an area holds, whatever its rule is called."""
        self._judge(f for f in self._runner.run_with(name).findings if f.area == name)

    def _judge(self, findings: Iterable[Finding]) -> None:
        found = tuple(findings)
        if not found:
            pytest.skip("nothing in this run looked at it")
        broken = [f"{f.title} Not so: {f.detail}" for f in found if not f.holds]
        if broken:
            pytest.fail("\n".join(broken), pytrace=False)
        if open_ := [f.detail for f in found if not f.checked]:
            pytest.skip(f"not checked: {' '.join(open_)}")


class RunPlugin:
    """The run behind a pytest session: taken as tests ask, closed and drawn at the end."""

    def __init__(
        self, settings: Settings, *, verb: str, runs: Path, say: Callable[[str], None]
    ) -> None:
        self.settings = settings
        self.budgets: tuple[Budget, ...] = ()  # rows that the collected tests are about
        self.problem = ""  # why the run could not come to its end; "" when it did
        self.run: Run | None = None  # as stored, once the session is over
        self.verdicts: tuple[Verdict, ...] = ()
        self.page: Path | None = None
        self._verb = verb
        self._runs = runs
        self._say = say
        self._bench: Bench | None = None

    def run_with(self, name: str, *taken: Measurement) -> Run:
        """The run after the pass `name`, or `taken` from elsewhere; what stops it ends all."""
        try:
            bench = self._bench or self._begin()
            bench.take(name)
            for measurement in taken:
                bench.recording.keep(measurement)
            return bench.run
        except HarnessError as error:
            self.problem = str(error)
            pytest.exit(str(error), returncode=2)

    @pytest.fixture
    def gate(self) -> Gate:
        """Judges one budget or one rule."""
        return Gate(self)

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the marks known, and pytest-benchmark ready."""
        functions.configure(config, self.settings.suite.functions.seconds)
        config.addinivalue_line(
            "markers", "budgets(word, ...): repeat for each row of these metrics"
        )
        config.addinivalue_line("markers", "rules(pass, ...): repeat for each rule of these passes")

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Repeat a test for each row or rule that its mark names."""
        for mark, argument, rows in (
            ("budgets", "budget", self._budgets_of),
            ("rules", "rule", _rules_of),
        ):
            found = metafunc.definition.get_closest_marker(mark)
            if found and argument in metafunc.fixturenames:
                metafunc.parametrize(argument, rows(found.args), ids=_name)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Time functions when every pass was taken: they load the pipeline into this process."""
        functions.last(items)

    @pytest.hookimpl(tryfirst=True)  # before the fixtures of the test are gone
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Keep what pytest-benchmark timed."""
        if taken := functions.times_of(item):
            self.run_with("function", taken)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which budgets this session judges: those of the tests that were selected."""
        given = [getattr(item, "callspec", None) for item in session.items]
        rows = (call.params.get("budget") for call in given if call)
        # of a bundle without such a row pytest makes one item, skipped, of none
        self.budgets = tuple(row for row in rows if isinstance(row, Budget))

    def pytest_exception_interact(
        self, call: pytest.CallInfo[Any], report: pytest.TestReport | pytest.CollectReport
    ) -> None:
        """Tell a mistake in a test file or in the harness from a missed budget."""
        if call.excinfo and not isinstance(call.excinfo.value, pytest.fail.Exception):
            told = call.excinfo.value
            known = isinstance(told, HarnessError)
            self.problem = self.problem or (str(told) if known else report.longreprtext)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keep what was measured when a person stops the run."""
        if isinstance(excinfo.value, KeyboardInterrupt):
            self.problem = "Interrupted. What was measured until then is kept."

    def pytest_sessionfinish(self) -> None:
        """Close the run, judge it once more as it was stored, and draw its page."""
        if self._bench is None:
            return
        from harness.report.keeping import keep_judged  # matplotlib: not before it is needed

        try:
            if not self.problem:
                self._bench.recording.seal()
            self.run = self._bench.run
            self.verdicts = judge_all(self.budgets, self.run)
            self.page = keep_judged(self._bench.recording.folder, self.run, self.verdicts)
        except HarnessError as error:
            self.problem = self.problem or str(error)
        finally:
            self._bench.recording.writer.close()

    def _begin(self) -> Bench:
        plan = make_plan(self.settings, whole=self._verb == "bench", undecided=self._undecided)
        refuse_finer_budgets(self.budgets, plan.sets)
        writer = RunWriter(
            self._runs,
            verb=self._verb,
            bundle=self.settings.bundle,
            config=str(self.settings.config),
        )
        self._bench = Bench(plan, writer, self._say)
        self._bench.begin({"budgets": budget_facts(self.budgets)})
        return self._bench

    def _undecided(self, run: Run, left: int) -> tuple[str, ...]:
        return undecided(self.budgets, run, left=left)

    def _budgets_of(self, families: tuple[str, ...]) -> list[Budget]:
        return [row for row in self.settings.budgets if row.metric.split(".")[0] in families]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options for `pytest -p harness.plugin`; `harness bench` passes its own settings."""
    group = parser.getgroup("harness")
    group.addoption("--pipeline", default="config/reference.yaml", help="the pipeline's config")
    group.addoption("--verb", choices=("bench", "validate"), default="bench", help="kind of run")
    group.addoption("--short", action="store_true", help="apply `quick` of suite.yaml")


def pytest_configure(config: pytest.Config) -> None:
    """Register the run behind this session."""
    try:
        settings = read_settings(
            Path(config.getoption("pipeline")), quick=config.getoption("short")
        )
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from None
    plugin = RunPlugin(settings, verb=config.getoption("verb"), runs=RUNS, say=_silent)
    config.pluginmanager.register(plugin, "harness-run")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the closing table."""
    plugin = config.pluginmanager.get_plugin("harness-run")
    if isinstance(plugin, RunPlugin) and plugin.run:
        from harness.report.terminal import closing_table

        told = closing_table(plugin.run, plugin.verdicts, page=str(plugin.page or ""))
        terminalreporter.write_line(told)


def _rules_of(areas: tuple[str, ...]) -> list[str]:
    return [rule for area in areas for rule in RULES[area]]


def _name(row: Budget | str) -> str:
    return row if isinstance(row, str) else f"{row.metric}.{row.statistic}"


def _silent(text: str) -> None:
    """Say nothing: pytest shows what happens."""
