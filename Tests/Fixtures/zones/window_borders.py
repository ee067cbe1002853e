#!/usr/bin/env python3
"""Writes window-borders.txt: what Python's zoneinfo says of the windows about many instants in many zones.

A line is: zone, period, instant, from, until (seconds since 1970). The zone files that it read are copied beside it, so that the test
does not depend on the time zone data of the machine; run it again to take newer ones.

    python3 Tests/Fixtures/zones/window_borders.py
"""
import random
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
ZONES = [
    "America/Sao_Paulo", "Asia/Beirut", "Africa/Cairo", "America/Havana", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kolkata",
    "Asia/Kathmandu", "Europe/Berlin", "America/New_York", "America/St_Johns", "Europe/Dublin", "Africa/Casablanca", "America/Nuuk",
    "Pacific/Chatham", "Asia/Tehran", "America/Asuncion", "Asia/Gaza", "America/Toronto", "Asia/Tokyo",
]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def seconds(moment):
    return round((moment - EPOCH).total_seconds())


def local(zone, second):
    return (EPOCH + timedelta(seconds=second)).astimezone(zone).replace(tzinfo=None)


def border(zone, wall):
    """The first second at which the clocks of `zone` show `wall` or later."""
    first = seconds(wall.replace(tzinfo=zone, fold=0))
    if local(zone, first) == wall:
        return first
    # `wall` is skipped: the jump is between the two readings that the offsets before and after it give.
    low, high = seconds(wall.replace(tzinfo=zone, fold=1)) - 1, first
    while high - low > 1:
        middle = (low + high) // 2
        if local(zone, middle) >= wall:
            high = middle
        else:
            low = middle
    return high


def floor(period, wall):
    day = wall.replace(hour=0, minute=0, second=0)
    if period == "week":
        return day - timedelta(days=day.weekday())
    if period == "month":
        return day.replace(day=1)
    if period == "year":
        return day.replace(month=1, day=1)
    return day


def following(period, wall):
    if period == "week":
        return wall + timedelta(days=7)
    if period == "month":
        return (wall + timedelta(days=31)).replace(day=1)
    if period == "year":
        return wall.replace(year=wall.year + 1)
    return wall + timedelta(days=1)


def window(zone, period, second):
    wall = floor(period, local(zone, second))
    while border(zone, following(period, wall)) <= second:
        wall = following(period, wall)
    return border(zone, wall), border(zone, following(period, wall))


def changes(zone, first, last):
    """The seconds at which the offset changes, found by looking every six hours."""
    found, step = [], 6 * 3600
    offset = lambda second: (EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset()
    before = offset(first)
    for second in range(first + step, last, step):
        after = offset(second)
        if after != before:
            low, high = second - step, second
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == before else (low, middle)
            found.append(high)
        before = after
    return found


def main():
    source = Path("/usr/share/zoneinfo")
    generator = random.Random(20261125)
    lines = []
    for name in ZONES:
        shutil.copyfile(source / name, HERE / name.replace("/", "-"))
        zone = ZoneInfo(name)
        near = changes(zone, seconds(datetime(2009, 1, 1, tzinfo=timezone.utc)), seconds(datetime(2020, 1, 1, tzinfo=timezone.utc)))
        far = changes(zone, seconds(datetime(2025, 1, 1, tzinfo=timezone.utc)), seconds(datetime(2028, 1, 1, tzinfo=timezone.utc)))
        late = changes(zone, seconds(datetime(2090, 1, 1, tzinfo=timezone.utc)), seconds(datetime(2092, 1, 1, tzinfo=timezone.utc)))
        instants = [generator.randrange(0, 4_102_444_800) for _ in range(15)]
        for change in near[:24] + far + late:
            instants += [change - 1, change, change + generator.randrange(-90_000, 90_000)]
        for second in instants:
            for period in ("day", "week", "month", "year"):
                if period != "day" and generator.random() < 0.6:
                    continue
                lines.append("%s %s %d %d %d" % (name, period, second, *window(zone, period, second)))
    (HERE / "window-borders.txt").write_text("\n".join(lines) + "\n")


main()
