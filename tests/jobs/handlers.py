"""Handlers and units for the tests of the queue; units run in processes without Django."""

import os
import signal
import sys
import time


def double(number):
    return 2 * number


def fail_on_three(number):
    if number == 3:
        raise ValueError("three is not liked")
    return number


def die_on_three(number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def give_no_result_that_can_be_sent_for_three(number):
    return open(os.devnull) if number == 3 else number


def describe_process(_argument):
    import blosc2
    import cv2

    return {
        "django": "django" in sys.modules,
        "cv2_threads": cv2.getNumThreads(),
        "blosc2_threads": blosc2.nthreads,
        "process": os.getpid(),
    }


def count_page_faults(_argument):
    """Pages that the system hands out anew while 8 MB are taken and freed again and again."""
    import resource

    import numpy as np

    def use_memory():
        for _number in range(20):
            _arrays = [np.ones(2**20, dtype=np.uint8) for _array in range(8)]
            del _arrays

    use_memory()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    use_memory()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def wait_long(_argument):
    time.sleep(60)


def count_to_ten(work):
    work.set_total(10)
    for number in range(10):
        work.check_cancelled()
        work.advance(message=f"step {number + 1}")
    return {"counted": 10}


def fail_with_reason(work):
    from sts_qa.jobs.running import JobError

    raise JobError("The folder /data is empty.")


def double_slowly(number):
    time.sleep(0.1)
    return 2 * number
