"""The JavaScript and TypeScript kernel."""
