"""Keep the books of a run in its output folder: what the run is, which shards are done, and which are missing.

`_run/run.json` says what decides the outcome: rules and settings. `_run/SHARD.done` is the marker of a shard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from cleaner.bulk.marker import Marker
from cleaner.bulk.plan import FILES, Labels, Stream, divide, group, is_small, split_name
from cleaner.bulk.tally import Tally
from cleaner.bulk.terms import Terms
from cleaner.errors import OptionError
from cleaner.io.folder import Folder, write_whole
from cleaner.io.inputs import BOOKS, Input, place_of, stem_of
from cleaner.io.read import broken_off

LOCK = f"{BOOKS}/lock"
RUN = f"{BOOKS}/run.json"
DONE = ".done"


class Ledger:
    """Hold the markers of a folder, bare, by the name of their shard."""

    def __init__(self, folder: Folder, terms: Terms):
        self.folder, self.terms = folder, terms
        self.markers: dict[str, Marker] = {}
        self.names: dict[str, tuple[str, ...]] = {}
        """The names of files of one body each, by shard."""
        self._streams: dict[str, dict[int, Marker]] = defaultdict(dict)

    def read(self, wanted: Callable[[str], bool] = lambda name: True) -> None:
        """Read the markers of the shards wanted; one whose files are not there as it says does not count."""
        for marker in scan_markers(self.folder, wanted):
            if all(self.folder.size(file.name) == file.bytes for file in marker.files.values()):
                self._add(marker)

    def _add(self, marker: Marker) -> None:
        label, number = split_name(marker.shard)
        self.markers[marker.shard] = self._streams[label][number] = marker.bare
        if marker.names:
            self.names[marker.shard] = marker.names

    def plan(self, sources: Sequence[Input], size: int, redo: bool = False, counted: bool = False) -> list[Stream]:
        """Plan what is missing, in shards of so many bytes; where records are `counted`, also what is done, to be read.

        Raises `OptionError` where shards were made on other terms, or of inputs that have changed, unless `redo`.
        """
        self._check_terms(redo)
        known = self._by_label()
        changed = [source for source in sources if _has_changed(source, known.get(source.label, ()))]
        if changed and not redo:
            names = ", ".join(source.path for source in changed[:3]) + (", ..." if len(changed) > 3 else "")
            raise OptionError(
                f"{self.folder.path} holds shards of what has changed since: {names}; --redo makes them anew, "
                "or choose another output"
            )
        for source in changed:
            for marker in known[source.label]:
                self.drop(marker)
        if counted:
            return [replace(stream, done=self._numbers(stream)) for stream in divide(sources, size)]
        return self._plan_missing(sources, size, self._by_label())

    def _numbers(self, stream: Stream) -> frozenset[int]:
        """Return the numbers of the shards of a stream that are there."""
        found = (split_name(marker.shard)[1] for marker in self.of(stream.label))
        return frozenset(number for number in found if stream.bytes or number == stream.number)

    def _by_label(self) -> dict[str, list[Marker]]:
        known: dict[str, list[Marker]] = defaultdict(list)
        for marker in self.markers.values():
            for origin in marker.inputs:
                known[origin.label].append(marker)
        return known

    def _plan_missing(self, sources: Sequence[Input], size: int, known: Mapping[str, list[Marker]]) -> list[Stream]:
        labels = Labels([split_name(name)[0] for name in self.markers])
        small = [source for source in sources if is_small(source) and source.label not in known]
        taken = {number for label, number in map(split_name, self.markers) if label == FILES}
        streams = list(group(small, size, taken))
        for source in sources:
            markers = known.get(source.label, [])
            if is_small(source) or _is_complete(markers):
                continue
            label = split_name(markers[0].shard)[0] if markers else labels.choose(source)
            done = frozenset(split_name(marker.shard)[1] for marker in markers)
            streams.append(Stream(label, (source,), size, done=done))
        return streams

    def _check_terms(self, redo: bool) -> None:
        others = [marker for marker in self.markers.values() if marker.made != self.terms.digest]
        if not others:
            return
        if not redo:
            how = self.terms.differ(self.folder.read(RUN)) or "they are of several runs"
            raise OptionError(
                f"{self.folder.path} holds {len(others)} shard{'s' * (len(others) > 1)} made on other terms ({how}); "
                "--redo makes them anew, or choose another output"
            )
        for marker in others:
            self.drop(marker)

    def begin(self) -> None:
        """Write down what the run is."""
        self._write(RUN, self.terms.write())

    def enter(self, marker: Marker) -> None:
        """Write the marker of a shard whose files are in their places."""
        self._write(_place(marker), marker.write())
        self._add(marker)

    def whole(self, marker: Marker) -> Marker:
        """Return a marker with all that is written in it."""
        name = _place(marker)
        return Marker.parse(self.folder.read(name) or b"", self.folder.shown(name))

    def drop(self, marker: Marker) -> None:
        """Take a shard out of the books, and then its files away."""
        name = _place(marker)
        self.folder.remove(name)
        self.folder.settle(name)
        for file in (*(sealed.name for sealed in marker.files.values()), *self.names.pop(marker.shard, ())):
            self.folder.remove(file)
        label, number = split_name(marker.shard)
        self.markers.pop(marker.shard, None)
        self._streams[label].pop(number, None)

    def in_order(self) -> list[Marker]:
        """Return all markers, those of one input in the order of its records."""
        return sorted(self.markers.values(), key=lambda marker: split_name(marker.shard))

    def parts(self, part: str) -> list[str]:
        """Return the names of the files of all shards that hold `records`, `rejects` or `related`."""
        return [marker.files[part].name for marker in self.in_order() if part in marker.files]

    def of(self, label: str) -> list[Marker]:
        """Return the markers of an input's shards, in order."""
        return [marker for _, marker in sorted(self._streams[label].items())]

    def last(self, label: str) -> Marker | None:
        """Return the marker of an input's last shard among those that are there."""
        found = self._streams[label]
        return found[max(found)] if found else None

    def count(self, label: str) -> int:
        """Return the number of an input's shards that are there."""
        return len(self._streams[label])

    def broken(self, sources: Iterable[Input]) -> list[str]:
        """Say which of these inputs broke off, and after how many records."""
        by_label = {source.label: source for source in sources}
        return [
            str(broken_off(by_label[origin.label], marker.broken, sum(one.read for one in self.of(label))))
            for label, shards in self._streams.items()
            for marker in shards.values()
            for origin in marker.inputs
            if marker.broken and origin.label in by_label
        ]

    def total(self) -> Tally:
        """Return the tally of all shards, read once more."""
        total = Tally()
        for marker in scan_markers(self.folder, lambda name: name in self.markers):
            total.update(marker.tally)
        return total

    def strangers(self, sources: Iterable[Input]) -> list[Marker]:
        """Return the markers of inputs that are not among these."""
        labels = {source.label for source in sources}
        return [
            marker for marker in self.markers.values() if not any(origin.label in labels for origin in marker.inputs)
        ]

    def _write(self, name: str, raw: bytes) -> None:
        write_whole(self.folder, name, raw)
        self.folder.settle(name)


def read_markers(folder: Folder) -> dict[str, Marker]:
    """Return the markers in a folder by the names of their shards, in order; raises `InputError` for a broken one."""
    return {marker.shard: marker for marker in scan_markers(folder)}


def scan_markers(folder: Folder, wanted: Callable[[str], bool] = lambda name: True) -> Iterator[Marker]:
    """Yield the markers in a folder of the shards wanted, by their names; raises `InputError` for a broken one."""
    for name in folder.names(BOOKS):
        if name.endswith(DONE) and wanted(name.removeprefix(f"{BOOKS}/").removesuffix(DONE)):
            yield Marker.parse(folder.read(name) or b"", folder.shown(name))


def recognize(sources: Sequence[Input], markers: Iterable[Marker]) -> list[Input]:
    """Give inputs that are named otherwise now the labels under which shards were made of them."""
    origins = [origin for marker in markers for origin in marker.inputs]
    taken = {origin.label for origin in origins}
    if all(source.label in taken for source in sources):
        return list(sources)
    before = {(place_of(origin.path), origin.identity): origin.label for origin in origins}
    taken = {source.label for source in sources}
    found = []
    for source in sources:
        label = before.get((place_of(source.path), source.identity), source.label)
        found.append(source if label in taken else replace(source, label=label, id=stem_of(label)))
    return found


def _place(marker: Marker) -> str:
    return f"{BOOKS}/{marker.shard}{DONE}"


def _is_complete(markers: Sequence[Marker]) -> bool:
    """Tell that all shards of an input are there: the last one, and as many as it counts."""
    return any(marker.last and marker.count == len(markers) for marker in markers)


def _has_changed(source: Input, markers: Iterable[Marker]) -> bool:
    """Tell that an input is not what its shards were made of."""
    return any(
        origin.label == source.label and origin.identity != source.identity
        for marker in markers
        for origin in marker.inputs
    )
