"""Tasks that end their processor, or their worker."""

from registry import costly, end


@end
def end_exit_zero():
    import sys

    sys.exit(0)


@end
def end_exit_three():
    import sys

    sys.exit(3)


@end
def end_exit_none():
    import sys

    sys.exit()


@end
def end_exit_with_text():
    import sys

    sys.exit("PARITY end-exit-with-text")


@end
def end_system_exit_true():
    raise SystemExit(True)


@end
def end_site_exit():
    exit(4)


@end
def end_os_exit_zero():
    import os

    os._exit(0)


@end
def end_os_exit_five():
    import os

    os._exit(5)


@end
def end_os_exit_of_a_thread():
    import os
    import threading
    import time

    threading.Thread(target=os._exit, args=(6,)).start()
    time.sleep(30)


@end
def end_keyboard_interrupt():
    raise KeyboardInterrupt


@end
def end_own_base_exception():
    class Base(BaseException):
        pass

    raise Base("PARITY end-own-base-exception")


@end
def end_generator_exit():
    raise GeneratorExit


@end
def end_asyncio_cancelled():
    import asyncio

    raise asyncio.CancelledError


@end
def end_signal_kill():
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)


@end
def end_signal_term():
    import os
    import signal
    import time

    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.1)
    return {"went on": True}


@end
def end_signal_int():
    import os
    import signal
    import time

    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)


@end
def end_signal_hup():
    import os
    import signal
    import time

    os.kill(os.getpid(), signal.SIGHUP)
    time.sleep(0.1)
    return {"went on": True}


@end
def end_signal_usr2():
    import os
    import signal

    os.kill(os.getpid(), signal.SIGUSR2)


@end
def end_signal_alarm():
    import signal
    import time

    signal.alarm(1)
    time.sleep(5)


@end
def end_signal_quit():
    import os
    import signal

    os.kill(os.getpid(), signal.SIGQUIT)


@end
def end_signal_real_time():
    import os
    import signal

    os.kill(os.getpid(), signal.SIGRTMIN + 2)


@end
def end_abort():
    import os

    os.abort()


@end
def end_segmentation_fault():
    import ctypes

    ctypes.string_at(0)


@end
def end_faulthandler_crash():
    import faulthandler

    faulthandler.enable()
    faulthandler._sigsegv()


@end
def end_stack_overflow():
    import sys

    sys.setrecursionlimit(10**8)
    nested = []
    for _ in range(10**6):
        nested = [nested]
    repr(nested)


@end
def end_processor_time_limit():
    import resource

    used = int(resource.getrusage(resource.RUSAGE_SELF).ru_utime)
    resource.setrlimit(resource.RLIMIT_CPU, (used + 1, used + 5))
    while True:
        pass


@end
def end_execute_another():
    import os

    os.execvp("true", ["true"])


@end
def end_all_descriptors_closed():
    import os

    os.closerange(3, 300)
    return {"went on": True}


@end
def end_with_a_thread_that_goes_on():
    import sys
    import threading
    import time

    threading.Thread(target=time.sleep, args=(1,)).start()
    sys.exit(2)


@end
def end_by_memory_limit():
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28))
    blocks = []
    while True:
        blocks.append(bytearray(1 << 20))


@costly
def end_cancelled():
    """The client cancels it: see run.py."""
    import time

    time.sleep(60)


@costly
def end_parent_stopped_and_continued(mark):
    import os
    import signal
    import time

    os.kill(os.getppid(), signal.SIGSTOP)
    time.sleep(0.3)
    os.kill(os.getppid(), signal.SIGCONT)
    return {"went on": True}


def once(mark, number):
    import os
    import time

    if os.path.exists(mark):
        return {"again": "on another worker"}
    open(mark, "w").close()
    os.kill(os.getppid(), number)
    time.sleep(8)
    return {"went on": True}


@costly
def end_parent_killed(mark):
    import signal

    return once(mark, signal.SIGKILL)


@costly
def end_parent_terminated(mark):
    import signal

    return once(mark, signal.SIGTERM)


@costly
def end_parent_by_multiprocessing_killed(mark):
    import multiprocessing
    import os
    import signal
    import time

    if os.path.exists(mark):
        return {"again": "on another worker"}
    open(mark, "w").close()
    os.kill(multiprocessing.parent_process().pid, signal.SIGKILL)
    time.sleep(8)
    return {"went on": True}
