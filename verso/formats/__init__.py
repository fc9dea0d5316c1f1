"""The file formats: .verso, .ipynb, .dib and scripts with `# %%` cells, and reading and replacing files."""
