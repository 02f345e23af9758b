"""Run the ranks of a datatrove pipeline to their end, or say which are missing.

`LocalPipelineExecutor.run` and `RayPipelineExecutor.run` wait for ever where a process that does a rank is killed: both
use a pool that does not notice. Here a rank is a process of its own, or a task of Ray's, which does notice. datatrove
marks each rank that is done: to run a pipeline again does only what is missing.
"""

from __future__ import annotations

import json
import os
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from cleaner.adapters.datatrove import ShardCleaner
from cleaner.bulk.pool import describe_exit
from cleaner.errors import CleanerError

try:
    import multiprocess
    from datatrove.executor import LocalPipelineExecutor, RayPipelineExecutor, SlurmPipelineExecutor
    from datatrove.executor.base import PipelineExecutor
    from datatrove.utils.logging import logger
    from datatrove.utils.stats import PipelineStats
    from multiprocess.connection import wait
except ImportError as error:
    raise ImportError(f"datatrove cannot be imported ({error}): pip install 'cleaner-news[datatrove]'") from None

_FAREWELL = 5.0  # seconds that a process gets to end
_SHOWN = 10


class RanksMissing(CleanerError):
    """Say that a run ended with ranks that are not done, and why."""

    def __init__(self, reason: str, ranks: Sequence[int], of: int):
        self.ranks = tuple(ranks)
        names = ", ".join(map(str, self.ranks[:_SHOWN])) + (", ..." if len(self.ranks) > _SHOWN else "")
        super().__init__(
            f"{reason}; {of - len(self.ranks)} of {of} ranks are done, missing: {names}. "
            "Run it again: what is done stays, the missing ranks are done"
        )


def run(executor: PipelineExecutor, tries: int = 2) -> None:
    """Run a pipeline on this machine or on Ray until all of its ranks are done; on Slurm, submit it.

    Each rank gets a process of its own, `executor.workers` at a time; one that is killed is done again, up to so many
    `tries`. Raises `RanksMissing` where a rank fails, once the others that run are ended, within seconds;
    `InputError` where all ranks are done, but inputs broke off.
    """
    if isinstance(executor, LocalPipelineExecutor):
        _Crew(executor, tries).work()
    elif isinstance(executor, RayPipelineExecutor) and executor.nodes_per_task == 1:
        _run_on_ray(executor, tries)
    else:
        executor.run()
    if isinstance(executor, SlurmPipelineExecutor):
        return
    require_all(executor)
    for step in executor.pipeline:
        if isinstance(step, ShardCleaner):
            step.conclude()


def require_all(executor: PipelineExecutor) -> None:
    """Raise `RanksMissing` unless all ranks of a pipeline are marked as done."""
    missing = _missing(executor)
    if missing:
        raise RanksMissing("the run has ended", missing, len(_own(executor)))


def _own(executor: PipelineExecutor) -> range:
    """Return the ranks that a run does: on this machine it may be told to do some of them only."""
    if isinstance(executor, LocalPipelineExecutor):
        return range(executor.local_rank_offset, executor.local_rank_offset + executor.local_tasks)
    return range(executor.world_size)


def _missing(executor: PipelineExecutor) -> list[int]:
    missing: list[int] = executor.get_incomplete_ranks(_own(executor), skip_completed=True)
    return missing


def _run_on_ray(executor: RayPipelineExecutor, tries: int) -> None:
    """Do each rank that is left in a task of its own, which Ray does again where its process is killed."""
    import ray

    options = {
        "num_cpus": executor.cpus_per_task,
        "num_gpus": executor.gpus_per_task,
        "memory": int(executor.mem_per_cpu_gb * executor.cpus_per_task * (1 << 30)),
        "max_retries": tries - 1,
        **(executor.ray_remote_kwargs or {}),
    }
    task, shared = ray.remote(**options)(_do_rank), ray.put(executor)
    left = deque(_missing(executor))
    under_way: dict[Any, int] = {}
    executor.save_executor_as_json()
    try:
        while left or under_way:
            while left and len(under_way) < max(1, executor.workers):
                rank = left.popleft()
                under_way[task.remote(shared, rank)] = rank
            ended = ray.wait(list(under_way))[0][0]
            rank = under_way.pop(ended)
            try:
                ray.get(ended)
            except ray.exceptions.RayError as error:
                said = getattr(error, "cause", None) or str(error).partition("\n")[0]
                reason = f"rank {rank} failed: {said}"
                raise RanksMissing(reason, _missing(executor), executor.world_size) from None
    finally:
        for one in under_way:
            ray.cancel(one, force=True)
    _sum_up(executor)


def _do_rank(executor: PipelineExecutor, rank: int) -> None:
    executor._run_for_rank(rank, local_rank=1)  # a place other than 0 keeps its log off the console


def _sum_up(executor: PipelineExecutor) -> None:
    """Write the statistics of all ranks, as executors do."""
    folder, ranks = executor.logging_dir, _own(executor)
    total = PipelineStats()
    for rank in ranks:
        with suppress(FileNotFoundError), folder.open(f"stats/{rank:05d}.json", "rt") as file:
            total += PipelineStats.from_json(json.load(file))
    with folder.open("stats.json", "wt") as file:
        total.save_to_disk(file)
    logger.success(total.get_repr(f"All {len(ranks)} tasks"))


class _Crew:
    """Hold the processes that do ranks."""

    def __init__(self, executor: LocalPipelineExecutor, tries: int):
        self._executor, self._tries = executor, tries
        self._ranks = _own(executor)
        self._left = deque(executor.get_incomplete_ranks(self._ranks))
        self._tried: dict[int, int] = {}
        self._members: list[_Member] = []

    def work(self) -> None:
        """Do all ranks that are left."""
        if not self._left:
            return
        self._executor.save_executor_as_json()
        try:
            while self._left or self._members:
                while self._left and len(self._members) < max(1, self._executor.workers):
                    self._start(self._left.popleft())
                wait([member.process.sentinel for member in self._members])
                for member in [member for member in self._members if not member.process.is_alive()]:
                    self._members.remove(member)
                    self._end(member)
        finally:
            for member in self._members:
                member.stop()
        _sum_up(self._executor)

    def _start(self, rank: int) -> None:
        self._tried[rank] = self._tried.get(rank, 0) + 1
        places = {member.place for member in self._members}
        place = next(number for number in range(len(places) + 1) if number not in places)
        self._members.append(_Member(self._executor, rank, place))

    def _end(self, member: _Member) -> None:
        """Take note of a process that has ended."""
        code, rank = member.process.exitcode, member.rank
        if code == 0:
            return
        cause = describe_exit(code)
        if code < 0 and self._tried[rank] < self._tries:
            logger.warning(f"The process of rank {rank} was ended ({cause}): it is done again.")
            self._left.append(rank)
            return
        said = member.last_word() or f"its process ended ({cause})"
        raise RanksMissing(f"rank {rank} failed: {said}", _missing(self._executor), len(self._ranks))


class _Member:
    """Hold the process of one rank; `place` is its number among those that run side by side."""

    def __init__(self, executor: LocalPipelineExecutor, rank: int, place: int):
        self.rank, self.place = rank, place
        context: Any = multiprocess.get_context(executor.start_method)
        self._word, theirs = context.Pipe(duplex=False)
        self.process = context.Process(target=_serve, args=(executor, rank, place, theirs))
        self.process.start()
        theirs.close()

    def last_word(self) -> str:
        """Return what the process said last, if anything."""
        with suppress(EOFError, OSError):
            if self._word.poll():
                return str(self._word.recv())
        return ""

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.join(_FAREWELL)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _serve(executor: LocalPipelineExecutor, rank: int, place: int, word: Any) -> None:
    """Do one rank; end with the parent, whatever ended that."""
    threading.Thread(target=_end_with, args=(multiprocess.parent_process(),), daemon=True).start()
    try:
        executor._run_for_rank(rank, place)
    except Exception as error:
        word.send(str(error) if isinstance(error, CleanerError) else f"{type(error).__name__}: {error}")
        os._exit(1)


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)
