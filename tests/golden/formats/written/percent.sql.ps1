# %% Totals [sql]
# select count(*) from t;

# %% [python]
# x = 1
