"""Names of variables that other languages may not give a value in PowerShell."""

from __future__ import annotations

import re
from typing import Final

from verso.api.errors import VariableError

_NAME: Final = re.compile(r"\w+")

_AUTOMATIC: Final = """
_ args consolefilename enabledexperimentalfeatures error event eventargs eventsubscriber executioncontext false
foreach home host input iscoreclr islinux ismacos iswindows lastexitcode matches myinvocation nestedpromptlevel null
pid profile psboundparameters pscmdlet pscommandpath psculture psdebugcontext psedition pshome psitem psscriptroot
pssenderinfo psuiculture psversiontable pwd sender shellid stacktrace switch this true
"""
"""about_Automatic_Variables."""

_PREFERENCES: Final = """
confirmpreference debugpreference erroractionpreference errorview formatenumerationlimit informationpreference
logcommandhealthevent logcommandlifecycleevent logenginehealthevent logenginelifecycleevent logproviderhealthevent
logproviderlifecycleevent maximumhistorycount ofs outputencoding progresspreference psdefaultparametervalues
psemailserver psmoduleautoloadingpreference psnativecommandargumentpassing
psnativecommanduseerroractionpreference pssessionapplicationname pssessionconfigurationname pssessionoption psstyle
transcript verbosepreference warningpreference whatifpreference
"""
"""about_Preference_Variables."""

_OWN: Final = frozenset((_AUTOMATIC + _PREFERENCES).split())


def check(name: str) -> None:
    """`VariableError` for a name that no variable can have, and for PowerShell's own variables: another language's
    value under such a name would change how PowerShell works."""
    if not _NAME.fullmatch(name):
        raise VariableError(f"${name} is no name for a PowerShell variable", next_step="Give it another name.")
    if name.lower() in _OWN:
        raise VariableError(
            f"${name} is one of PowerShell's own variables and was not set", next_step="Give it another name."
        )
