# %% [markdown]
# ## Heading

# %% collapsed=false
print 1
