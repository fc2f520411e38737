"""What to write instead of an InternalExecutable of JS7, told by its class.

Such jobs run inside the Java machine of a JS7 agent, which is not here.
"""

from collections.abc import Mapping

_FIRST = "An InternalExecutable runs inside the Java machine of a JS7 agent, which is not here:"

_BY_CLASS: Mapping[str, str] = {
    **dict.fromkeys(("SSHJob",), "write a BuiltInExecutable of kind Ssh."),
    **dict.fromkeys(
        ("SQLExecutorJob", "PLSQLJob", "SQLPLUSJob"), "write a BuiltInExecutable of kind Sql."
    ),
    **dict.fromkeys(
        ("RESTClientJob", "JS7RESTClientJob", "JocApiJob"),
        "write a BuiltInExecutable of kind Http.",
    ),
    **dict.fromkeys(
        ("YADEJob", "YADEDMZJob", "CopyFileJob", "RenameFileJob"),
        "write a BuiltInExecutable of kind FileTransfer.",
    ),
    **dict.fromkeys(
        ("RemoveFileJob", "FileExistsJob", "FileNotExistsJob", "CanWriteJob"),
        "write a ShellScriptExecutable with rm or test.",
    ),
    "EmptyJob": "write a ShellScriptExecutable with the script true, or leave the job out.",
    "MailJob": "write a PythonExecutable, whose library has smtplib.",
    "MailInboxJob": "write a PythonExecutable, whose library has imaplib.",
}

_BY_TYPE: Mapping[str, str] = {
    "Java": "write a ShellScriptExecutable that starts java with the class.",
    "JavaScript_Graal": "write a ShellScriptExecutable whose first line is #!/usr/bin/env node.",
    "JavaScript_Node": "write a ShellScriptExecutable whose first line is #!/usr/bin/env node.",
    "Python_Graal": "write a PythonExecutable with the script.",
}

_OTHERWISE = "write a ShellScriptExecutable or PythonExecutable that does the same in a process."


def internal_executable_refused(executable: Mapping[str, object]) -> str:
    """Return what to write instead of this executable."""
    name = str(executable.get("className") or "").rpartition(".")[2]
    instead = _BY_CLASS.get(name) or _BY_TYPE.get(str(executable.get("internalType")))
    return f"{_FIRST} {instead or _OTHERWISE}"
