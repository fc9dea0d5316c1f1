"""The program: PYTHON main.py READ_FD WRITE_FD VALUES_FILE [FOLDER ...].

READ_FD and WRITE_FD are the channel (docs/wire.md); VALUES_FILE is the path of `verso/api/values.py`, which need not be
installed in this interpreter; each FOLDER holds modules for cells.

The worker's own folder is not on the user's `sys.path`: the import system knows it as the package `verso_worker` alone.
This file stays small, for a script is compiled at each start.
"""

import sys


def start() -> None:
    if sys.version_info < (3, 9):
        sys.exit("Python cells need Python 3.9 or later, and this is %s: %s" % (sys.version.split()[0], sys.executable))
    folder = __file__.rpartition("/")[0]
    if sys.path and sys.path[0] == folder:
        del sys.path[0]
    package = type(sys)("verso_worker")
    package.__path__ = [folder]
    sys.modules["verso_worker"] = package
    from verso_worker.session import serve  # type: ignore[import-not-found]

    reads, writes, values, *folders = sys.argv[1:]
    serve(int(reads), int(writes), values, folders)


start()
