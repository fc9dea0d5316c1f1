# Makes an interactive bash a kernel. Read once, with __verso_token, __verso_report, __verso_out and __verso_err set.
# The driver types `begin; . cell; done`. After an interrupt bash is back at its prompt without having read `done`:
# then the prompt's hook reports. A report is a file, and the token on both terminals behind all that was printed.
set +m +H +o history
unset HISTFILE MAILCHECK
trap '__verso_at=${BASH_SOURCE-}:$LINENO,${__verso_at%%,*}' ERR

__verso_begin() {
  PROMPT_COMMAND='{ __verso_at_prompt; } 2>/dev/null' PS1= PS2= __verso_open=1 __verso_at=
  case $- in *e*) return 0 ;; esac
  return "$__verso_status"
}

__verso_done() {
  __verso_status=${1-$?}
  [[ -n ${__verso_open-} ]] || return 0
  __verso_open= PS1= PS2=
  {
    builtin printf '%s\0' "$__verso_status" "$-" "$PWD" "${1+aborted}" "$__verso_at" "$BASH_VERSION"
    builtin declare -p
  } >|"$__verso_report"
  builtin printf '\036%s\036' "$__verso_token" >"$__verso_err"
  builtin printf '\036%s\036' "$__verso_token" >"$__verso_out"
  return 0
}

__verso_at_prompt() {
  __verso_last=$?
  [[ -z ${__verso_open-} ]] || __verso_done "$__verso_last"
}

__verso_names() { builtin compgen -A function -A alias -A builtin -A keyword | command grep -v '^__verso_'; }

__verso_describe() {
  builtin type -- "$1" 2>/dev/null || return 1
  builtin help -- "$1" 2>/dev/null
  return 0
}

__verso_status=0 __verso_open=1 __verso_at=
