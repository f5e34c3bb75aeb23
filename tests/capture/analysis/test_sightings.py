"""What is kept of a thing that was seen several times."""

from httpresp_capture.analysis.sightings import MAX_SAMPLES, Sightings
from samples import response


def test_it_is_counted_with_its_first_and_last_time_and_the_first_that_show_it() -> None:
    seen = Sightings(response(at_ms=3).at)
    for number in (3, 3, 1, 2, 4, 5, 6, 7):
        seen.add(response(id=number, at_ms=number))
    assert (seen.count, seen.first_seen, seen.last_seen) == (8, response(at_ms=1).at, response(at_ms=7).at)
    assert seen.samples == (3, 1, 2, 4, 5)
    assert len(seen.samples) == MAX_SAMPLES
