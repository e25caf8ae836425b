"""Frames of a flow file: bounds that the flows' own tests do not reach."""

from __future__ import annotations

import io

from mdmcore.capture.frames import FrameReader
from tests.capture.flow_files import flow_bytes, http_flow


class CountingFile(io.BytesIO):
    """Counts the bytes that are read."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.count += len(data)
        return data


def test_a_flow_over_the_limit_is_passed_over_unread():
    big, small = flow_bytes(http_flow(content=bytes(100_000))), flow_bytes(http_flow())
    problems: list[tuple[str, str]] = []
    file = CountingFile(big + small)
    reader = FrameReader(file, lambda *problem: problems.append(problem), max_frame=50_000)
    frame = reader.next()
    assert frame is not None
    assert (frame.offset, frame.data) == (len(big), small)
    assert problems == [("offset 0", f"a flow of {len(big)} bytes is passed over")]
    assert file.count < len(small) + 100


def test_where_frames_lie_is_found_without_reading_them():
    first, second = flow_bytes(http_flow(content=bytes(100_000))), flow_bytes(http_flow())
    file = CountingFile(first + second)
    spans = list(FrameReader(file, lambda *problem: None, max_frame=10).spans())
    assert spans == [(0, len(first)), (len(first), len(first) + len(second))]
    assert file.count < 100


def test_rejected_frames_inside_each_other_cost_a_bounded_number_of_bytes():
    data = b"4:type;4:http;7:version;2:21#"
    for _ in range(2000):
        data = b"2:id;%d:%b}%b" % (len(data), data, b"7:version;2:21#")
    file = CountingFile(b"%d:%b}" % (len(data), data))
    size = len(file.getvalue())
    reader = FrameReader(file, lambda *_: None)
    frames = 0
    while (frame := reader.next()) is not None:
        frames += 1
        reader.reject(frame, "is damaged")
    assert frames > 1
    assert file.count < 40 * size


def test_a_search_over_many_damaged_places_reads_the_file_a_bounded_number_of_times():
    one = flow_bytes(http_flow())
    file = CountingFile((one + b"x") * 200)
    reader = FrameReader(file, lambda *_: None)
    found = 0
    while reader.next() is not None:
        found += 1
    assert found == 200
    assert file.count < 10 * len(file.getvalue())
