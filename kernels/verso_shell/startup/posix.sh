# Makes an interactive POSIX shell (dash, busybox, ksh, bash as sh) a kernel. Read once, with __verso_token,
# __verso_report, __verso_out and __verso_err set. See bash.sh; here the hook is the expansion of the prompt, in a
# subshell, so it can't note that it reported: the next `begin` does.
set +m
unset HISTFILE MAIL MAILCHECK
PS1= PS2= PS4='+ '

__verso_begin() {
  PS1='$({ __verso_at_prompt; } 2>/dev/null)' PS2= __verso_open=1
  case $- in *e*) return 0 ;; esac
  return "$__verso_status"
}

__verso_done() {
  __verso_status=${1-$?}
  [ -n "${__verso_open-}" ] || return 0
  __verso_open= PS1= PS2=
  {
    printf '%s\0' "$__verso_status" "$-" "$PWD" "${1+aborted}" "" ""
    set
  } >|"$__verso_report"
  printf '\036%s\036' "$__verso_token" >"$__verso_err"
  printf '\036%s\036' "$__verso_token" >"$__verso_out"
  return 0
}

__verso_at_prompt() {
  __verso_last=$?
  [ -z "${__verso_open-}" ] || __verso_done "$__verso_last"
}

__verso_names() { alias | sed -n 's/^\(alias \)\{0,1\}\([^=]*\)=.*/\2/p'; }

__verso_describe() { type "$1" >/dev/null 2>&1 && type "$1"; }

__verso_status=0 __verso_open=1
