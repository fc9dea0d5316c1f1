# %% [markdown]
# # A Polyglot notebook

# %% [csharp]
# #!time
# var x = 1;

# %% verso:cell={"type":"code","language":"adventure"}
# select 1

# %%
Get-Item .

# %% [html]
# <b>@x</b>
