"""Builds the peers' programs, and runs them in turns."""

import math
import os
import signal
import statistics
import subprocess
import sys

from results import HERE, TARGET

METER = TARGET / "meter"

# Of the time that is measured; as in driver/src/command.rs.
WARM_UP = 0.25

# The exit status of a program whose library has no such work, or not over that
# transport; and what is said of it.
NO_SUCH_WORK = 3
NOT_OFFERED = "not offered"


def build(packages):
    """Builds the packages; the failures of those that cannot be built."""
    TARGET.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", "-O2", "-o", METER, HERE / "meter.c"], check=True)
    broken = {}
    for package in packages:
        command = ["cargo", "build", "--release", "--target-dir", str(TARGET)]
        print(f"building {package}", file=sys.stderr)
        built = subprocess.run(command, cwd=HERE / package, stderr=subprocess.PIPE, text=True)
        if built.returncode != 0:
            print(built.stderr, file=sys.stderr)
            broken[package] = ["does not build"]
    return broken


def measure(program, work, transport, size, processes, threads, seconds):
    """One measurement: what was printed and what it took, or why there is nothing."""
    limit = 10 + 5 * seconds
    read, write = os.pipe()
    command = [METER, str(write), TARGET / "release" / program, work, transport]
    command += [str(arg) for arg in (size, processes, threads, seconds)]
    pipe = subprocess.PIPE
    with open(read) as taken:
        child = subprocess.Popen(
            command, stdout=pipe, stderr=pipe, text=True, pass_fds=[write], start_new_session=True
        )
        os.close(write)
        try:
            output, errors = child.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            # It has started another process, or two.
            os.killpg(child.pid, signal.SIGKILL)
            errors = child.communicate()[1]
            return None, " ".join([f"not done within {limit:.0f} s", *errors.split()])
        if child.returncode == NO_SUCH_WORK:
            return None, NOT_OFFERED
        if child.returncode != 0 or not output:
            return None, " ".join([f"exit status {child.returncode}", *errors.split()])
        peak, cpu = taken.read().split()
    figures = [float(word) for word in output.split()]
    times = figures[0] * seconds * (1 + WARM_UP)
    return {"figures": figures, "MiB": int(peak) / 1024, "cpu µs": float(cpu) * 1e6 / times}, None


class Cell:
    """What was measured of a peer in one kind of work, round by round."""

    def __init__(self, rounds=(), failures=()):
        self.rounds = list(rounds)
        self.failures = list(failures)
        self.given_up = bool(failures)

    def add(self, number, measured, failure):
        if failure is None:
            self.rounds.append({"round": number, **measured})
        else:
            self.failures.append(failure)
            # One failure may be bad luck.
            self.given_up = failure == NOT_OFFERED or len(self.failures) > 1

    def is_offered(self):
        return NOT_OFFERED not in self.failures

    def figures(self, i):
        return [one["figures"][i] for one in self.rounds]

    def median(self, i=0):
        return statistics.median(self.figures(i))

    def beside(self, other):
        """How many times the other's rate, and by how much that is uncertain (the standard error).

        The geometric mean over the rounds: within one the machine is as fast for both, from round
        to round it is not. Nothing if they have none in common, and of one no error."""
        theirs = {one["round"]: one["figures"][0] for one in other.rounds}
        logs = [
            math.log(one["figures"][0] / theirs[one["round"]])
            for one in self.rounds
            if one["round"] in theirs
        ]
        if not logs:
            return None
        ratio = math.exp(statistics.mean(logs))
        error = ratio * statistics.stdev(logs) / math.sqrt(len(logs)) if len(logs) > 1 else None
        return ratio, error

    def taken(self, what):
        return statistics.median(one[what] for one in self.rounds)

    def footnote(self):
        times = len(self.rounds) + len(self.failures)
        return f"{len(self.failures)} of {times} runs failed: {self.failures[0][:300]}"


def in_turns(tables, peers, programs, rounds, seconds):
    """Fills in the cells, and yields after each round."""
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        # Who goes first changes.
        first = number % len(peers)
        order = peers[first:] + peers[:first]
        for (work, transport, processes, threads), rows in tables.items():
            for size, cells in rows.items():
                for peer in order:
                    if not cells[peer].given_up:
                        place = (transport, size, processes, threads)
                        measured = measure(programs[peer], work, *place, seconds)
                        cells[peer].add(number, *measured)
        yield
