"""Way in of built-in jobs: `python -I …/agents/runners/__main__.py KIND`.

Run by its path, since an isolated interpreter has no path to this package where that is no
installed one.
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    # Without the folder of this file, whose modules are nobody's top level.
    sys.path[:] = [str(Path(__file__).parents[2]), *sys.path]
    from agents.runners.run import main

    sys.exit(main(sys.argv[1]))
