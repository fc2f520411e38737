"""`python -m simulation.forecast [NICE]`: a snapshot from stdin becomes a forecast on stdout.

A process of its own, so that hours of simulated time take none of the caller's. Both are msgpack.
"""

import os
import sys

from simulation.forecast.forecast import forecast
from simulation.forecast.wire import decode_snapshot, encode_forecast


def main() -> None:
    """Forecast once, at a lower priority where one is given."""
    if len(sys.argv) > 1:
        os.nice(int(sys.argv[1]))
    snapshot = decode_snapshot(sys.stdin.buffer.read())
    sys.stdout.buffer.write(encode_forecast(forecast(snapshot)))


if __name__ == "__main__":
    main()
