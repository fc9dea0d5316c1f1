# %% [markdown]
# # PowerShell

# %% First
#!time
Get-ChildItem | Select-Object -First 1

# %% [python]
# print("hi")
