"""Icons inside a diagram, so that its SVG stands alone. From Lucide 1.62 (ISC licence)."""

SYMBOLS = {
    "terminal": ('<path d="M12 19h8"/><path d="m4 17 6-6-6-6"/>'),
    "git-fork": (
        '<circle cx="12" cy="18" r="3"/>'
        '<circle cx="6" cy="6" r="3"/>'
        '<circle cx="18" cy="6" r="3"/>'
        '<path d="M18 9v2c0 .6-.4 1-1 1H7c-.6 0-1-.4-1-1V9"/>'
        '<path d="M12 12v3"/>'
    ),
    "split": (
        '<path d="M16 3h5v5"/>'
        '<path d="M8 3H3v5"/>'
        '<path d="M12 22v-8.3a4 4 0 0 0-1.172-2.872L3 3"/>'
        '<path d="m15 9 6-6"/>'
    ),
    "shield": (
        '<path d="M20 13c0 5-3.5 7.5-7.66 8.95a1 1 0 0 1-.67-.01C7.5 20.5 4 18 4 13V6a1 1 0 0'
        " 1 1-1c2 0 4.5-1.2 6.24-2.72a1.17 1.17 0 0 1 1.52 0C14.51 3.81 17 5 19 5a1 1 0 0 1 1"
        ' 1z"/>'
    ),
    "shield-x": (
        '<path d="M20 13c0 5-3.5 7.5-7.66 8.95a1 1 0 0 1-.67-.01C7.5 20.5 4 18 4 13V6a1 1 0 0'
        " 1 1-1c2 0 4.5-1.2 6.24-2.72a1.17 1.17 0 0 1 1.52 0C14.51 3.81 17 5 19 5a1 1 0 0 1 1"
        ' 1z"/>'
        '<path d="m14.5 9.5-5 5"/>'
        '<path d="m9.5 9.5 5 5"/>'
    ),
    "repeat": (
        '<path d="m17 2 4 4-4 4"/>'
        '<path d="M3 11v-1a4 4 0 0 1 4-4h14"/>'
        '<path d="m7 22-4-4 4-4"/>'
        '<path d="M21 13v1a4 4 0 0 1-4 4H3"/>'
    ),
    "x": ('<path d="M18 6 6 18"/><path d="m6 6 12 12"/>'),
    "check": ('<path d="M20 6 9 17l-5-5"/>'),
}
"""Drawings by name, in a field of 24 by 24, as lines to be stroked."""
