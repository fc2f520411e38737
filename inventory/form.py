"""The notations in which people may write objects. Pure."""

from enum import StrEnum


class Form(StrEnum):
    """How a draft is written."""

    JSON = "json"  # as JS7 exports it
    YAML = "yaml"  # the same fields, with comments
