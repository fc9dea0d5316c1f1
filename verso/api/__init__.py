"""The public API: all that a plugin or an embedding program imports, and nothing but the standard library.

Import from the modules (`from verso.api.kernel import Kernel`); each is named by what it holds:
`notebook outputs edits parameters mime messages events kernel variables values previews arrow substitution templates
formats rendering themes layouts magics celltypes commands errors secrets hookspecs marks record`.
"""

API_VERSION = 1
"""Raised when a plugin written for the version before would break. A plugin module may say
`VERSO_API = 1`; another number than this is refused with a message that names both."""
