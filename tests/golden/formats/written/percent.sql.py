# %% Totals [sql]
# select count(*) from t;

# %%
x = 1
