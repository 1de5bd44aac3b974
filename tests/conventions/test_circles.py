"""No circle of imports: neither between the modules of the project, nor between its packages.

An import counts wherever it stands: in a function, or for type checking alone. A name that is no
module is imported from its package's `__init__`, so a module that asks its own package for a
neighbour's name closes a circle, too: neighbours are imported directly.
"""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

from test_layering import imported, python_sources

Graph = dict[str, set[str]]


def module_name(file: str) -> str:
    """The dotted name of the module at that path."""
    return (
        file.removeprefix("plugins/")
        .removesuffix(".py")
        .removesuffix("/__init__")
        .replace("/", ".")
    )


def module_graph(sources: dict[str, str]) -> Graph:
    """What each module of the project imports of the project."""
    modules = {module_name(file): imported(source) for file, source in sources.items()}
    return {
        module: {
            found for name in names if (found := _module_of(name, modules)) and found != module
        }
        for module, names in modules.items()
    }


def _module_of(name: str, modules: Iterable[str]) -> str | None:
    """The module that an imported name is, or else is of."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name or None


def package_graph(modules: Graph) -> Graph:
    """What each package imports of others; a module directly below `saydo` stands for itself."""
    packages: Graph = {}
    for module, read in modules.items():
        packages.setdefault(_package_of(module), set()).update(map(_package_of, read))
    return {package: read - {package} for package, read in packages.items()}


def _package_of(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "saydo" else parts[0]


def circle(graph: Graph) -> str | None:
    """A circle of the graph as `a -> b -> a`, if there is one."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " -> ".join(reversed(error.args[1]))
    return None


def test_no_modules_import_each_other():
    assert circle(module_graph(python_sources())) is None


def test_no_packages_import_each_other():
    assert circle(package_graph(module_graph(python_sources()))) is None


def test_every_import_of_the_project_is_seen():
    graph = module_graph(python_sources())
    assert graph["saydo"] == set()
    assert (
        "saydo.operators.land" in graph["dags.build_customer_warehouse"] | graph["saydo.operators"]
    )
    assert "expectations.marts" in graph["saydo.gate.suites"]


def test_the_checker_sees_a_circle_inside_a_package_even_within_a_function():
    sources = {
        "plugins/saydo/a/model.py": "def train():\n    from saydo.a.scoring import score\n",
        "plugins/saydo/a/scoring.py": (
            "if TYPE_CHECKING:\n    from saydo.a import model as models\n"
        ),
        "plugins/saydo/a/__init__.py": "from saydo.a.model import train\n",
    }
    found = circle(module_graph(sources))
    assert found is not None
    assert set(found.split(" -> ")) == {"saydo.a.model", "saydo.a.scoring"}
    assert circle(package_graph(module_graph(sources))) is None


def test_the_checker_sees_a_module_that_asks_its_own_package_for_a_neighbour():
    sources = {
        "plugins/saydo/a/__init__.py": "from saydo.a.read import read\n",
        "plugins/saydo/a/read.py": "from saydo.a import COUNT\n",
    }
    assert circle(module_graph(sources)) is not None
    sources["plugins/saydo/a/read.py"] = "from saydo.a.count import COUNT\n"
    sources["plugins/saydo/a/count.py"] = "COUNT = 1\n"
    assert circle(module_graph(sources)) is None


def test_the_checker_sees_a_circle_between_packages_whose_modules_make_none():
    sources = {
        "plugins/saydo/a/read.py": "from saydo.b.find import find\n",
        "plugins/saydo/a/tell.py": "",
        "plugins/saydo/b/find.py": "",
        "plugins/saydo/b/show.py": "import saydo.a.tell\n",
    }
    assert circle(module_graph(sources)) is None
    assert circle(package_graph(module_graph(sources))) is not None
