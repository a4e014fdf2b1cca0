"""Memory of threads: in a process of its own, for it is said once and for good."""

from __future__ import annotations

import subprocess
import sys

import pytest

COUNT = """
import ctypes, sys, threading
from lti_tool.heap import share_one_heap

libc = ctypes.CDLL(None)
if not hasattr(libc, "malloc_info"):
    print("no glibc")
    sys.exit()
if {shared}:
    assert share_one_heap()
everybody = threading.Barrier(4)

def take():
    everybody.wait()
    kept.append(bytearray(50_000))
    everybody.wait()

kept, threads = [], [threading.Thread(target=take) for _ in range(4)]
for each in threads: each.start()
for each in threads: each.join()
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


@pytest.mark.parametrize("shared", [True, False])
def test_threads_share_one_heap_where_they_are_told_to(shared: bool) -> None:
    told = subprocess.run(
        [sys.executable, "-c", COUNT.format(shared=shared)], capture_output=True, text=True, check=True
    )
    if told.stdout == "no glibc\n":
        pytest.skip("the C library is not glibc")
    heaps = told.stdout.count("<heap nr=")
    assert (heaps == 1) is shared, told.stdout
