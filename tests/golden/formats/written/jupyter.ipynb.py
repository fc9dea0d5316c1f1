# %% [markdown]
# # Title
# ![a dot](attachment:dot.png)

# %% tags=["parameters"]
alpha = 0.1
# %matplotlib inline

# %% collapsed=false
print('one\ntwo')
1/0

# %%
# %%bash
# ls

# %% [raw] format="text/restructuredtext"
# .. note::
