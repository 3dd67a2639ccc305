"""The oracle shares no code with what it judges."""

import ast
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "plain_recomputation"


def modules_imported_by(path: Path) -> set[str]:
    imported: set[str] = set()
    for statement in ast.walk(ast.parse(path.read_text("utf-8"))):
        match statement:
            case ast.Import(names=names):
                imported |= {name.name for name in names}
            case ast.ImportFrom(module=module, level=level):
                imported.add("." * level + (module or ""))
            case _:
                pass
    return imported


def test_the_plain_recomputation_imports_the_standard_library_and_itself_alone() -> None:
    files = list(FOLDER.glob("**/*.py"))
    assert files
    foreign = {
        (path.name, module)
        for path in files
        for module in modules_imported_by(path)
        if module.split(".")[0] not in sys.stdlib_module_names and not module.startswith("tests.plain_recomputation")
    }
    assert foreign == set()
    # What could load a module without naming it in an import would slip past the check above.
    assert not [path.name for path in files for module in modules_imported_by(path) if module.startswith("importlib")]
