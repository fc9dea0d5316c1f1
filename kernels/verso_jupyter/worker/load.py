"""Makes a package of texts, inside the kernel. `package`: its name; `texts`: module → source, in order of need.

The texts come by message and not by path, so that this works for a kernel in another container or machine too.
"""

import sys

_home = type(sys)(package)  # type: ignore[name-defined]  # noqa: F821 (handed in)
_home.__path__ = []
sys.modules[package] = _home  # type: ignore[name-defined]  # noqa: F821
for _name, _text in texts.items():  # type: ignore[name-defined]  # noqa: F821
    _full = "%s.%s" % (package, _name)  # type: ignore[name-defined]  # noqa: F821
    _module = type(sys)(_full)
    _module.__package__ = package  # type: ignore[name-defined]  # noqa: F821
    sys.modules[_full] = _module
    exec(compile(_text, "<verso %s>" % _name, "exec"), _module.__dict__)
    setattr(_home, _name, _module)
