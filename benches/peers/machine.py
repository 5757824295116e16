"""What a machine is, as far as measurements depend on it."""

import os
import platform
import re
import subprocess
from pathlib import Path


def describe():
    """What the reader of a measurement should know, as names and values."""
    return {
        "CPU": cpu(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "libc": " ".join(platform.libc_ver()),
        "C compiler": first_line("cc", "--version"),
        "C++ compiler": first_line("c++", "--version"),
        "libzmq of the system": first_line("pkg-config", "--modversion", "libzmq"),
        "rustc": first_line("rustc", "--version"),
        "Python": platform.python_version(),
    }


def cpu():
    names = re.findall(r"^model name\s*:\s*(.*)$", read("/proc/cpuinfo"), re.MULTILINE)
    return names[0] if names else platform.processor() or platform.machine()


def read(path):
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def first_line(*command):
    try:
        output = subprocess.run(command, capture_output=True, text=True).stdout
    except OSError:
        output = ""
    return output.split("\n")[0] or "none"


def libraries(package):
    """What a package is made of that is ZeroMQ, by its Cargo.lock, with the versions."""
    locked = re.findall(r'name = "(.*)"\nversion = "(.*)"', read(package / "Cargo.lock"))
    named = [pair for pair in locked if re.search("zmq|zeromq", pair[0])]
    return [" ".join(pair) for pair in named if not re.search("^peer-|-sys$", pair[0])]
