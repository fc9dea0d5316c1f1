"""The HTTP kernel: requests as editors write them in `.http` files."""
