"""A module, not a notebook."""
import sys

# %matplotlib stays a comment here
print(sys.argv)
