"""The Mermaid kernel: diagrams from text."""
