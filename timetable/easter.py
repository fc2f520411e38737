"""Easter Sunday of the western churches. Knows the moon's rule and nothing else."""

from datetime import date
from functools import lru_cache


@lru_cache(maxsize=1_024)
def easter_sunday(year: int) -> date:
    """Return Easter Sunday of a year in the Gregorian calendar.

    The rule is the anonymous Gregorian one, published in Nature, 20 April 1876.
    """
    golden = year % 19
    century, rest = divmod(year, 100)
    leap, skipped = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap - moon_shift + 15) % 30
    quarter, rest_of_four = divmod(rest, 4)
    to_sunday = (32 + 2 * skipped + 2 * quarter - epact - rest_of_four) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)
