# %% [markdown] dotnet_interactive={"language":"csharp"}
# # Many languages

# %% [csharp]
# var x = 1;

# %% [pwsh] dotnet_interactive={"language":"pwsh"} polyglot_notebook={"kernelName":"pwsh"}
# #!share --from csharp x
# $x

# %% [mermaid] dotnet_interactive={"language":"mermaid"}
# graph LR; a --> b

# %% [bash] vscode={"languageId":"shellscript"}
# ls
