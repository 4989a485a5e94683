"""Modules and functions stay small enough to be read at once."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_MODULE = 500
LONGEST_FUNCTION = 60
VAGUE = {"helpers.py", "utils.py", "util.py", "common.py", "misc.py"}


def long_functions(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            lines = node.end_lineno - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield f"{node.name} in line {node.lineno} has {lines} lines"


def modules() -> Iterator[Path]:
    yield ROOT / "run.py"
    for top in ("actors", "soju_actors", "tests"):
        yield from (ROOT / top).rglob("*.py")


def test_modules_and_functions_are_of_a_size_to_be_read() -> None:
    too_long = []
    for module in modules():
        source = module.read_text()
        if source.count("\n") > LONGEST_MODULE:
            too_long.append(str(module))
        too_long += [f"{module}: {function}" for function in long_functions(source)]
    assert too_long == []


def test_no_module_is_named_for_what_is_left_over() -> None:
    assert [module for module in modules() if module.name in VAGUE] == []


def test_a_function_that_is_too_long_is_found() -> None:
    source = "def long():\n" + "    pass\n" * LONGEST_FUNCTION
    assert list(long_functions(source)) == ["long in line 1 has 61 lines"]
