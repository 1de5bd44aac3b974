"""Whatever a command prints as a table, it prints as JSON too."""

from __future__ import annotations

import ast

from project_tree import files, shown

TABLES = {"Table", "print_table"}
JSON = "print_json"


def functions(sources: dict[str, str]) -> dict[str, ast.FunctionDef]:
    """Every function by `<file>:<name>`."""
    return {
        f"{file}:{node.name}": node
        for file, source in sources.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    }


def imported(sources: dict[str, str]) -> dict[tuple[str, str], str]:
    """File and name to the file of these sources that the name is imported from."""
    return {
        (file, alias.name): f"plugins/{node.module.replace('.', '/')}.py"
        for file, source in sources.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("saydo.cli.")
        for alias in node.names
    }


def reached(
    key: str, known: dict[str, ast.FunctionDef], imports: dict[tuple[str, str], str]
) -> set[str]:
    """The names that a function calls, itself or through functions of these sources."""
    found: set[str] = set()
    waiting = [key]
    while waiting:
        here = waiting.pop()
        file = here.partition(":")[0]
        for node in ast.walk(known[here]):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            name = node.func.id
            if name in found:
                continue
            found.add(name)
            home = imports.get((file, name), file)
            waiting += [f"{home}:{name}"] if f"{home}:{name}" in known else []
    return found


def commands(known: dict[str, ast.FunctionDef]) -> set[str]:
    """The functions that are commands, those of a group included."""
    return {
        key
        for key, node in known.items()
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        and getattr(decorator.func, "attr", "") in ("command", "callback")
    }


def without_json(sources: dict[str, str]) -> set[str]:
    """The commands that come to a table, and take no --json or never print it."""
    known, imports = functions(sources), imported(sources)
    return {
        key
        for key in commands(known)
        if (calls := reached(key, known, imports)) & TABLES
        and not (
            JSON in calls
            and any(ast.unparse(a.annotation or a) == "AsJson" for a in known[key].args.args)
        )
    }


def command_sources() -> dict[str, str]:
    return {shown(file): file.read_text() for file in files(".py", under="plugins/saydo/cli")}


def test_every_command_that_prints_a_table_takes_json():
    sources = command_sources()
    known, imports = functions(sources), imported(sources)
    assert len([key for key in commands(known) if reached(key, known, imports) & TABLES]) > 10
    assert without_json(sources) == set()


def test_json_is_printed_in_one_place():
    wrote = [file for file, source in command_sources().items() if "json.dumps" in source]
    assert wrote == ["plugins/saydo/cli/printing.py"]


def test_the_checker_sees_a_table_without_json():
    source = """
@app.command()
def told(home: Home = None) -> None:
    _show(1)
@app.command()
def fine(home: Home = None, as_json: AsJson = False) -> None:
    print_json([]) if as_json else _show(1)
def _show(rows):
    out.print(Table())
"""
    assert without_json({"x.py": source}) == {"x.py:told"}
