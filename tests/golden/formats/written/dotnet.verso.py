# %% [markdown]
# # Report
# for @region

# %% [csharp] verso:visibility={"dashboard":"hidden"}
# Console.WriteLine("é");
# throw new Exception();

# %% [sql]
# select * from t where region = @region

# %% [http]
# GET https://example.org/{{region}}

# %% [parameters]

# %% verso:cell={"type":"acme.chart","language":null}
# bars
