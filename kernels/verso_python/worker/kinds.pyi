from collections.abc import Callable as Callable
from collections.abc import Iterator as Iterator
from typing import Any as Any

Message = dict[str, Any]
