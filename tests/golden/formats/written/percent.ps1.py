# %% [markdown]
# # PowerShell

# %% First [powershell]
# #!time
# Get-ChildItem | Select-Object -First 1

# %%
print("hi")
