"""Every permission check of the views and of access.py, found in the source and deleted one at a time.

A function that is there keeps its place and is given the code without the check, so that nothing is loaded anew.
`.venv/bin/python -m pytest -n 0 -m mutation -s tests/access` prints what each deletion was caught by; the everyday run
takes a sample (`--runs`, `--seed`).
"""

import ast
import copy
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from monitoring import access, assessment_forms, shown, views
from monitoring.roles import MAY, Act
from monitoring.security import gate
from monitoring.security.policy import policies
from patients.reads import logins
from patients.vocabulary import Role

EVERY_TEAM = "__import__('patients.models').models.Team.objects.all()"
VIEWER = "__import__('monitoring.access').access.viewer_of(request)"
READ = "__import__('monitoring.roles').roles.Act.READ"
# What a call asks where it does not name an act.
ACT_ASKED = {"upload_for_user": "UPLOAD", "candidate_for_user": "UPLOAD", "course_for_user": "TREAT"}
FILTERS = {"team", "team__in", "upload__team__in", "patient__team__in", "scan__patient__team__in"}
# The refusals of the gate, and who should tell first.
GATE = {
    "policy is None": "anonymous",
    "is_administration(policy) and": "steward, in the team",
    "is_signed_in and settings.MFA_REQUIRED": "no second factor",
    "refusal is not None": "no second factor",
    "(is_signed_in or policy.is_open) and": "anonymous",
}
# What keeps a row to the one that it was found within, or to one's own.
WITHIN = {"user", "patient", "scan__patient", "lesion", "timepoint", "reader", "user_id"}


@dataclass(frozen=True)
class Mutant:
    """One check that is gone: where, which, the addresses behind it, and the kind of login that should tell first."""

    module: str
    function: str
    check: str
    names: frozenset[str]
    put: Callable[[], Callable[[], None]]
    tells: str = ""

    @property
    def title(self) -> str:
        return f"{self.module.removeprefix('monitoring.')}.{self.function}: {self.check}"

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """The site without the check."""
        take_back = self.put()
        try:
            yield
        finally:
            take_back()


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def inner(view: Any) -> FunctionType:
    """The function under its decorators."""
    found = inspect.unwrap(view)
    assert isinstance(found, FunctionType)
    return found


def patterns() -> list[tuple[str, URLPattern]]:
    """Every address of ours with its pattern."""
    found: list[tuple[str, URLPattern]] = []

    def walk(here: list[URLPattern | URLResolver]) -> None:
        for one in here:
            if isinstance(one, URLPattern):
                found.append((str(one.name), one))
            elif not one.namespace:
                walk(one.url_patterns)

    walk(get_resolver().url_patterns)
    return found


def modules() -> list[ModuleType]:
    """The modules of views, of forms, and of what pages show."""
    names = ["monitoring.forms"]
    for package in (views, assessment_forms, shown):
        walked = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        names += [one.name for one in walked if not one.ispkg]
    return [importlib.import_module(name) for name in names]


def names_of(module: ModuleType) -> frozenset[str]:
    """The addresses whose views stand in a module; all of them, where it holds no view."""
    found = frozenset(n for n, one in patterns() if getattr(one.callback, "__module__", "") == module.__name__)
    return found or frozenset(policies())


# ---- which nodes are checks, and what stands in their place
Deleted = Callable[[ast.AST], tuple[str, ast.AST] | None]


def without_require(node: ast.AST) -> tuple[str, ast.AST] | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "require":
        return ast.unparse(node), expression(VIEWER)
    return None


def without_act(node: ast.AST) -> tuple[str, ast.AST] | None:
    """A row found for looking at, where something was to be done with it."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("_for_user")):
        return None
    if node.func.id == "timepoint_for_user":
        return None
    named = ast.unparse(node.args[2]) if len(node.args) > 2 else ACT_ASKED.get(node.func.id, "READ")
    if named.removeprefix("Act.") == "READ":
        return None
    changed = ast.Call(node.func, [*node.args[:2], expression(READ)], [])
    return f"{ast.unparse(node)}, its act", changed


def without_team(node: ast.AST) -> tuple[str, ast.AST] | None:
    """A filter that keeps to the teams of the viewer, or the visits of the patient."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "filter"):
        return None
    kept = [one for one in node.keywords if one.arg not in FILTERS]
    if len(kept) == len(node.keywords):
        return None
    gone = next(one.arg for one in node.keywords if one.arg in FILTERS)
    return f"filter {gone}", ast.Call(node.func, node.args, kept)


def without_within(node: ast.AST) -> tuple[str, ast.AST] | None:
    """A filter that keeps to what was found before."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "filter"):
        return None
    kept = [one for one in node.keywords if one.arg not in WITHIN]
    if len(kept) == len(node.keywords):
        return None
    gone = next(one.arg for one in node.keywords if one.arg in WITHIN)
    return f"filter {gone}", ast.Call(node.func, node.args, kept)


def every_team(node: ast.AST) -> tuple[str, ast.AST] | None:
    """A list of all teams' where the viewer's own were meant."""
    if isinstance(node, ast.Attribute) and node.attr == "teams" and isinstance(node.ctx, ast.Load):
        return ast.unparse(node), expression(f"list({EVERY_TEAM}.values_list('pk', flat=True))")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "teams_of":
        return ast.unparse(node), expression(f"list({EVERY_TEAM})")
    return None


def without_refusal(node: ast.AST) -> tuple[str, ast.AST] | None:
    """An `if` that refuses."""
    if isinstance(node, ast.If) and any(isinstance(one, ast.Raise) for one in node.body):
        return f"if {ast.unparse(node.test)}", ast.Pass()
    return None


def deletions(module: ModuleType, wanted: tuple[Deleted, ...]) -> Iterator[tuple[FunctionType, str, CodeType]]:
    """Function or method, check and code for every check in a module, each deleted alone."""
    source = ast.parse(inspect.getsource(module))
    for path, function in functions_of(source):
        within = next(number for number, node in enumerate(ast.walk(source)) if node is function)
        for number, node in enumerate(ast.walk(function)):
            found = next((said for one in wanted if (said := one(node)) is not None), None)
            if found is not None:
                yield live(module, path), found[0], code_without(source, path, within, number, found[1])


def functions_of(source: ast.Module) -> Iterator[tuple[list[str], ast.FunctionDef]]:
    """The functions of a module and the methods of its classes, with the names that lead to them."""
    for one in source.body:
        if isinstance(one, ast.FunctionDef):
            yield [one.name], one
        elif isinstance(one, ast.ClassDef):
            for inside in one.body:
                if isinstance(inside, ast.FunctionDef) and not inside.decorator_list:
                    yield [one.name, inside.name], inside


def live(module: ModuleType, path: list[str]) -> FunctionType:
    """The function itself, under its decorators."""
    found: Any = module
    for name in path:
        found = vars(found)[name]
    return inner(found)


def code_without(source: ast.Module, path: list[str], within: int, number: int, instead: ast.AST) -> CodeType:
    changed = copy.deepcopy(source)
    target = list(ast.walk(list(ast.walk(changed))[within]))[number]

    class Change(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            return ast.copy_location(instead, node) if node is target else super().generic_visit(node)

    code = compile(ast.fix_missing_locations(Change().visit(changed)), "mutant", "exec")
    for name in path:
        code = next(one for one in code.co_consts if isinstance(one, CodeType) and one.co_name == name)
    return code


def given(function: FunctionType, code: CodeType) -> Callable[[], Callable[[], None]]:
    """Put the code into the function; what is returned takes it back."""

    def put() -> Callable[[], None]:
        before = function.__code__
        function.__code__ = code

        def back() -> None:
            function.__code__ = before

        return back

    return put


def undecorated(pattern: URLPattern) -> Callable[[], Callable[[], None]]:
    """The view without its outermost decorator, which is the one that asks for a login."""

    def put() -> Callable[[], None]:
        before = pattern.callback
        pattern.callback = before.__wrapped__  # type: ignore[attr-defined]

        def back() -> None:
            pattern.callback = before

        return back

    return put


def granted(act: Act, role: Role) -> Callable[[], Callable[[], None]]:
    """One role more that may do something."""

    def put() -> Callable[[], None]:
        before = MAY[act]
        MAY[act] = before | {role}

        def back() -> None:
            MAY[act] = before

        return back

    return put


def of_logins() -> Iterator[Mutant]:
    """Every view without `signed_in`."""
    for name, pattern in patterns():
        # allauth's own views carry its own check of the same.
        is_ours = getattr(pattern.callback, "__module__", "").startswith("monitoring.")
        if is_ours and name in policies() and not policies()[name].is_open:
            yield Mutant("monitoring.urls", name, "@signed_in", frozenset({name}), undecorated(pattern), "anonymous")


OF_VIEWS = (without_require, without_act, without_team, without_within, every_team)
OF_ACCESS = (without_require, without_team, without_within, without_refusal)


def of_views() -> Iterator[Mutant]:
    """Every view and form without the check of a role, or without keeping to the viewer's teams."""
    for module in modules():
        for function, check, code in deletions(module, OF_VIEWS):
            put = given(function, code)
            yield Mutant(module.__name__, function.__qualname__, check, names_of(module), put)


def of_access() -> Iterator[Mutant]:
    """The one place that finds rows, without its filters and refusals."""
    names = frozenset(policies())
    for module in (access, logins):
        for function, check, code in deletions(module, OF_ACCESS):
            # What is no code names nothing anyway, and a guarded view has a login.
            if function.__name__ not in ("code_or_404", "user_of"):
                yield Mutant(module.__name__, function.__name__, check, names, given(function, code))


def of_roles() -> Iterator[Mutant]:
    """Every act, given to a role that must not have it."""
    names = frozenset(policies())
    for act in Act:
        others = [role for role in Role if role not in MAY[act]]
        if others:
            told = f"{others[0].value}, in the team"
            yield Mutant("monitoring.roles", act.name, f"also {others[0].value}", names, granted(act, others[0]), told)


def of_gate() -> Iterator[Mutant]:
    """The gate without each of its refusals."""
    source = inspect.getsource(gate.Gate.process_view)
    for part, tells in GATE.items():
        changed = source.replace(f"if {part}", f"if False and {part}")
        assert changed != source
        scope: dict[str, Any] = {}
        exec(inspect.cleandoc("\n" + changed), dict(vars(gate)), scope)
        put = given(inner(gate.Gate.process_view), scope["process_view"].__code__)
        yield Mutant(gate.__name__, "process_view", part, frozenset(policies()), put, tells)


def mutants() -> list[Mutant]:
    """All of them."""
    return [*of_logins(), *of_views(), *of_access(), *of_roles(), *of_gate()]
