# %% [markdown]
# # JavaScript

# %% [javascript]
# #!time
# const x = [1, 2];
# x.length

# %%
x = 1  # a comment
