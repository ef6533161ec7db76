"""One thread for sums, set where it is cheap: a prediction must not wait for others, nor change with them."""

import sys
import threading

from threadpoolctl import LibController, OpenBLASController, ThreadpoolController


class _Libraries:
    """BLAS and OpenMP libraries in this process; looked for again when modules were loaded since."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: tuple[LibController, ...] = ()
        self._n_modules = -1

    def all(self) -> tuple[LibController, ...]:
        """Those that are loaded now."""
        with self._lock:
            if self._n_modules != len(sys.modules):
                self._found = tuple(ThreadpoolController().lib_controllers)
                self._n_modules = len(sys.modules)
            return self._found


_libraries = _Libraries()


def one_thread() -> None:
    """Make the libraries of sums use one thread from here on.

    They are asked each time, which takes microseconds, because OpenMP counts for each thread on its own and
    whatever was loaded since may have brought a library. Nothing is set back: a limit that another request
    lifts in the middle of a sum would change its last digit.
    """
    for library in _libraries.all():
        if library.num_threads != 1:
            if isinstance(library, OpenBLASController):  # else only the thread that set it first may set it
                library.clear_controlling_thread(force=True)
            library.set_num_threads(1)
