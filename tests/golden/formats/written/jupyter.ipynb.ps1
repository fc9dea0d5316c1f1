# %% [markdown]
# # Title
# ![a dot](attachment:dot.png)

# %% [python] tags=["parameters"]
# alpha = 0.1
# %matplotlib inline

# %% [python] collapsed=false
# print('one\ntwo')
# 1/0

# %% [python]
# %%bash
# ls

# %% [raw] format="text/restructuredtext"
# .. note::
