"""Clean files with datatrove: on this machine, on a Ray cluster, or on Slurm.

    python examples/datatrove_clean.py dump/ -o clean/ --ranks 8 --workers 2
    python examples/datatrove_clean.py dump/ -o clean/ --ranks 500 --on slurm --partition cpu

Each rank does its share of the inputs, and leaves in clean/ the shards that `cleaner clean dump/ -o clean/` would leave.
The same command again does what is missing.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from datatrove.executor import LocalPipelineExecutor, RayPipelineExecutor, SlurmPipelineExecutor

from cleaner.adapters.datatrove import ShardCleaner
from cleaner.adapters.order import Order
from cleaner.adapters.ranks import run
from cleaner.errors import CleanerError
from cleaner.io.remote import resolve


def executor_of(given: argparse.Namespace) -> Any:
    """Return the executor that was asked for."""
    order = Order.of(given.rules, lean=given.lean, fast=given.fast, format_=given.format)
    output = resolve(given.output)
    logs = given.logs or f"{output}/_run/logs"
    common: dict[str, Any] = {"tasks": given.ranks, "workers": given.workers, "logging_dir": logs}
    steps = [ShardCleaner([resolve(path) for path in given.inputs], output, order)]
    if given.on == "local":
        return LocalPipelineExecutor(steps, **common)
    if given.on == "ray":
        return RayPipelineExecutor(steps, **common, mem_per_cpu_gb=1)
    return SlurmPipelineExecutor(
        steps,
        **common,
        time=f"{given.seconds // 3600:02}:{given.seconds // 60 % 60:02}:{given.seconds % 60:02}",
        partition=given.partition,
        mem_per_cpu_gb=1,
        env_command=f'export PATH="{Path(sys.executable).parent}:$PATH"',
    )


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", nargs="+")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--ranks", type=int, default=2, help="into how many parts the work is divided")
    parser.add_argument("--workers", type=int, default=-1, help="how many of them run at a time")
    parser.add_argument("--on", choices=["local", "ray", "slurm"], default="local")
    parser.add_argument("--rules", help="a file that `cleaner rules compile` wrote, on a disk that all workers see")
    parser.add_argument("--format", default="jsonl", help="such as jsonl.zst or parquet")
    parser.add_argument("--lean", action="store_true")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--logs", help="where datatrove keeps logs and marks of what is done")
    parser.add_argument("--partition", default="cpu")
    parser.add_argument("--seconds", type=int, default=4 * 3600, help="that a rank may take on Slurm")
    given = parser.parse_args()
    if given.on == "ray":
        import ray

        address = os.environ.get("RAY_ADDRESS")
        ray.init(address=address) if address else ray.init(num_cpus=max(1, given.workers), include_dashboard=False)
    try:
        run(executor_of(given))
    except CleanerError as error:
        sys.exit(f"datatrove_clean: {error}")


if __name__ == "__main__":
    main()
