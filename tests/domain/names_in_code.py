"""Words of a table that code calls by name, for the tests that keep such tables single."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator


def parts_of(module: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """What a module is made of, each statement with the name that it gives."""
    for part in module.body:
        if isinstance(part, ast.Assign):
            yield ast.unparse(part.targets[0]), part
        elif isinstance(part, ast.AnnAssign):
            yield ast.unparse(part.target), part
        else:
            yield getattr(part, "name", ""), part


def words_among(words: Container[str], *nodes: ast.expr) -> set[str]:
    """Those of ``words`` that stand among ``nodes`` as strings."""
    strings = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {string for string in strings if string in words}


def entries_among(words: Container[str], node: ast.AST) -> set[str]:
    """The same of a collection's entries, a dictionary's keys, and the parts of a string that is split."""
    if isinstance(node, ast.Set | ast.Tuple | ast.List):
        return words_among(words, *node.elts)
    if isinstance(node, ast.Dict):
        return words_among(words, *(key for key in node.keys if key is not None))
    if not isinstance(node, ast.Call):
        return set()
    if isinstance(node.func, ast.Attribute) and node.func.attr == "split":
        text = node.func.value
        whole = text.value if isinstance(text, ast.Constant) else None
        return {part for part in whole.split() if part in words} if isinstance(whole, str) else set()
    is_dict = isinstance(node.func, ast.Name) and node.func.id == "dict"
    return {word.arg for word in node.keywords if is_dict and word.arg is not None and word.arg in words}
