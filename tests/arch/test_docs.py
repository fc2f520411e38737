"""What the pages say is there: links, headings, commands, modules and names."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START = ROOT / "README.md"
PAGES = [START, ROOT / "tests/README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PRODUCT = {path.parent.name for path in ROOT.glob("*/__init__.py")}
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")


def links(page: Path, text: str) -> Iterator[tuple[str, Path, str]]:
    """Yield each link within the repository as written, the file it means, and its heading."""
    for link in _LINK.findall(text):
        name, _, heading = link.partition("#")
        if "://" not in link and not link.startswith("mailto:"):
            yield link, (page.parent / name).resolve() if name else page, heading


def broken_links(page: Path, text: str) -> list[str]:
    """Return the links that lead to no file, or to no heading of it."""
    return [
        link
        for link, file, heading in links(page, text)
        if not file.exists() or (heading and heading not in headings(file))
    ]


@cache
def headings(page: Path) -> set[str]:
    """Return the headings of a page as links name them."""
    found = re.findall(r"^#+ +(.*)$", page.read_text(), re.MULTILINE)
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text) for text in found)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in plain}


def missing_commands(text: str) -> list[str]:
    """Return the commands of `manage.py`, `make` and `python -m` that a page names in vain."""
    found = [name for name in re.findall(r"manage\.py ([a-z_]+)", text) if not _managed(name)]
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"(?:^\s*|`)make ([a-z-]+)", text, re.MULTILINE)
    found += [name for name in named if name not in targets]
    ours = (name for name in re.findall(r"python3? -m ([a-z_.]+)", text) if _is_ours(name))
    return found + [name for name in ours if not _module(name)]


def missing_names(text: str) -> list[str]:
    """Return the dotted names of our packages that lead to no module, nor to a name in one."""
    found = (code.removesuffix("()") for code in _CODE.findall(text))
    dotted = [c for c in found if re.fullmatch(r"[a-z]+(\.[A-Za-z_]+)+", c)]
    return [name for name in dotted if _is_ours(name) and not _is_known(name)]


def _is_ours(name: str) -> bool:
    return name.split(".")[0] in PRODUCT | {"tests"}


def _managed(name: str) -> bool:
    return bool(list(ROOT.glob(f"*/management/commands/{name}.py")))


def _module(name: str) -> Path | None:
    path = ROOT / name.replace(".", "/")
    places = (path.with_suffix(".py"), path / "__init__.py")
    return next((place for place in places if place.exists()), None)


def _is_known(name: str) -> bool:
    parts = name.split(".")
    if any(part.isupper() for part in parts):
        return True  # the name of a queue, with what stands in for an id
    modules = ((_module(".".join(parts[:n])), parts[n:]) for n in range(len(parts), 0, -1))
    text, rest = next(((file.read_text(), rest) for file, rest in modules if file), ("", parts))
    return all(re.search(rf"\b{part}\b", text) for part in rest) or _is_logged(name)


@cache
def _is_logged(name: str) -> bool:
    """Tell whether a name is that of a log message."""
    modules = (path for package in PRODUCT for path in (ROOT / package).rglob("*.py"))
    return any(f'"{name}"' in path.read_text() for path in modules)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_nothing_that_is_not_there(page: Path) -> None:
    text = page.read_text()
    assert broken_links(page, text) == []
    assert missing_commands(text) == []
    assert missing_names(text) == []


def test_every_page_is_reached_from_the_first_one() -> None:
    reached, todo = set[Path](), [START]
    while todo:
        page = todo.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            todo += [file for _, file, _ in links(page, page.read_text())]
    assert set(PAGES) <= reached


def test_what_is_not_there_is_found() -> None:
    text = (
        "[a](no.md) [b](#none) `manage.py nothing` `make nothing` `python -m tests.nothing`"
        " `engine.world.Nothing`"
    )
    assert broken_links(START, text) == ["no.md", "#none"]
    assert missing_commands(text) == ["nothing", "nothing", "tests.nothing"]
    assert missing_names(text) == ["engine.world.Nothing"]
