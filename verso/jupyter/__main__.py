"""`python -m verso.jupyter --connection-file FILE`: the process that a Jupyter front end starts."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from verso.api.errors import VersoError
from verso.api.notebook import Notebook
from verso.engine.requirements import DEFAULT_KERNEL
from verso.engine.session import open_session
from verso.jupyter.channels import Channels
from verso.jupyter.server import KEPT, Server


async def run(connection_file: Path, default_kernel: str) -> None:
    """Runs one kernel to its end. `VersoError` when it can't begin."""
    with Channels(connection_file) as channels:
        server = Server(channels, default_kernel)
        document = Notebook(default_kernel=default_kernel)
        async with open_session(document, answer=server.answer, limits=KEPT) as session:
            await server.serve(session)


def main() -> None:
    """Ends with the exit code 2 and a message when the kernel can't begin."""
    parser = argparse.ArgumentParser(prog="python -m verso.jupyter", description=__doc__)
    parser.add_argument("-f", "--connection-file", type=Path, required=True, help="what the front end wrote")
    parser.add_argument("--default-kernel", default=DEFAULT_KERNEL, help="language of cells that name none")
    given = parser.parse_args()
    try:
        asyncio.run(run(given.connection_file, given.default_kernel))
    except VersoError as error:
        print(f"verso: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
