"""Way in of the detached processes: ``python -I -S -E entry.py keeper|supervisor ...``.

An isolated interpreter has no path to this package; nothing else is done here.
"""

# Without pathlib: pathlib costs each detached process 1 MB.
# ruff: noqa: PTH100, PTH120

import os
import sys

if __name__ == "__main__":
    root = os.path.abspath(__file__)
    for _ in range(4):
        root = os.path.dirname(root)
    sys.path.insert(0, root)
    module = __import__(f"agents.worker.hands.{sys.argv[1]}", fromlist=["main"])
    module.main(sys.argv[2:])
