"""A kernel for dice: each line of a cell is a roll like `2d6+1`; the sum of all rolls is the variable `total`."""

import random
import re

from verso.api.errors import VariableError
from verso.api.kernel import Kernel, KernelInfo, Kernelspec
from verso.api.marks import hookimpl
from verso.api.messages import ExecuteReply
from verso.api.outputs import Error, ExecuteResult
from verso.api.values import encode
from verso.api.variables import VariableChanges, VariableInfo

class Dice(Kernel):
    total = None
    async def start(self):
        return KernelInfo(language="dice", program="in process")
    async def shutdown(self):
        self.total = None
    async def execute(self, request, sink):
        rolls = []
        for number, line in enumerate(request.code.splitlines(), 1):
            if match := re.fullmatch(r"(\d{1,4})d([1-9]\d*)([+-]\d+)?", line.strip()):
                rolls += [sum(random.randint(1, int(match[2])) for _ in range(int(match[1]))) + int(match[3] or 0)]
            elif line.strip():
                sink.put(Error(ename="BadRoll", evalue=f"{line!r} is no roll like 2d6+1", line=number, column=1))
                return ExecuteReply(status="error")
        self.total = sum(rolls) if rolls else self.total
        sink.put(ExecuteResult(data={"text/plain": f"{' + '.join(map(str, rolls))} = {self.total}"})) if rolls else None
        changed = (VariableInfo(name="total", type="int", preview=str(self.total)),) if rolls else ()
        return ExecuteReply(changes=VariableChanges(changed=changed))
    async def get_variable(self, name, *, arrow=False):
        if name != "total" or self.total is None:
            raise VariableError(f"dice have no variable {name!r}", next_step="roll first: total is the last sum")
        return encode(self.total)
async def create(context):
    return Dice()
@hookimpl
def verso_kernels():
    return [Kernelspec(name="dice", title="Dice", create=create)]
