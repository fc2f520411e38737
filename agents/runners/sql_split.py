"""Statements out of a text: cut at semicolons that are not within quotes or comments. Pure."""

import re

_TOKEN = re.compile(
    r"""
      '(?:[^']|'')*'            # a text
    | "(?:[^"]|"")*"            # a name
    | `[^`]*`                   # a name in MySQL
    | --[^\n]*                  # a comment to the end of the line
    | /\*.*?\*/                 # a comment
    | (\$\w*\$).*?\1            # a text in PostgreSQL
    | (?P<end>;)
    | .
    """,
    re.VERBOSE | re.DOTALL,
)


def statements(script: str) -> list[str]:
    """Return the statements of a script without their semicolons; empty ones are left out.

    What is not closed goes up to the end, for the database to refuse.
    """
    found, begin = [], 0
    for token in _TOKEN.finditer(script):
        if token["end"]:
            found.append(script[begin : token.start()])
            begin = token.end()
    found.append(script[begin:])
    return [one.strip() for one in found if _says_something(one)]


def _says_something(statement: str) -> bool:
    return any(
        not token[0].isspace() and not token[0].startswith(("--", "/*"))
        for token in _TOKEN.finditer(statement)
    )
