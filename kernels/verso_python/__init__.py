"""The Python kernel: any interpreter from 3.9 on, run by a worker that needs the standard library only."""
