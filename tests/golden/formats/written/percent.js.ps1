# %% [markdown]
# # JavaScript

# %% [javascript]
# #!time
# const x = [1, 2];
# x.length

# %% [python]
# x = 1  # a comment
