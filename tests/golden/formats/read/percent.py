#!/usr/bin/env python
# -*- coding: utf-8 -*-
# ---
# jupyter:
#   kernelspec:
#     name: python3
# ---

# /// script
# dependencies = ["rich"]
# ///

# %% [markdown]
# # Title
#
# Text.

# %% [markdown]
"""
In a docstring,
two lines.
"""

# %% Load the data tags=["parameters"] scale=2.5
# %matplotlib inline
# !ls -l
import math


def area(r):
    return math.pi * r**2


# %% [sql]
# select 1
# -- # %% no marker

# %% {"odd key": [1, null]}
text = """
# # %% not a marker
"""

# %%
# %%bash
# echo hi
