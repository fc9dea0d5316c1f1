"""Worker processes as kernels: `worker` is the `Kernel`, `conversation` one worker's life, `process` what differs
between operating systems, `exit` why a worker ended."""
