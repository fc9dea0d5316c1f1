# Makes an interactive zsh a kernel. Read once, with __verso_token, __verso_report, __verso_out and __verso_err set.
# See bash.sh.
unsetopt zle monitor notify beep prompt_cr prompt_sp bang_hist hist_beep check_jobs hup
zmodload zsh/parameter
unset HISTFILE MAILCHECK
PS1= PS2= RPS1=

__verso_begin() {
  precmd_functions=(__verso_at_prompt) PS1= PS2= RPS1= __verso_open=1
  [[ -o errexit ]] && return 0
  return $__verso_status
}

__verso_done() {
  __verso_status=${1-$?}
  [[ -n ${__verso_open-} ]] || return 0
  __verso_open= PS1= PS2= RPS1=
  {
    builtin printf '%s\0' "$__verso_status" "$-" "$PWD" "${1+aborted}" "" "$ZSH_VERSION"
    __verso_variables
  } >|"$__verso_report"
  builtin printf '\036%s\036' "$__verso_token" >"$__verso_err"
  builtin printf '\036%s\036' "$__verso_token" >"$__verso_out"
  return 0
}

__verso_at_prompt() {
  {
    __verso_last=$?
    [[ -z ${__verso_open-} ]] || __verso_done "$__verso_last"
  } 2>/dev/null
}

# `typeset -p` can't tell the character U+0080 from the byte; quoted with (qq), every byte is itself.
__verso_variables() {
  builtin print -r -- "typeset PATH=${(qq)PATH}"$'\n'"typeset HOME=${(qq)HOME}"
  for __verso_name in ${(k)parameters}; do
    __verso_kind=${parameters[$__verso_name]} __verso_flags=
    [[ $__verso_kind == *export* ]] && __verso_flags+=' -x'
    [[ $__verso_kind == *readonly* ]] && __verso_flags+=' -r'
    case $__verso_kind in
      (*special*|*hideval*|*undefined*) ;;
      (array*) builtin print -r -- "typeset -a$__verso_flags $__verso_name=( ${(@Pqq)__verso_name} )" ;;
      (association*) builtin print -r -- "typeset -A$__verso_flags $__verso_name=( ${(@Pkvqq)__verso_name} )" ;;
      (integer*) builtin print -r -- "typeset -i$__verso_flags $__verso_name=${(qq)${(P)__verso_name}}" ;;
      (float*) builtin print -r -- "typeset -F$__verso_flags $__verso_name=${(qq)${(P)__verso_name}}" ;;
      (*) builtin print -r -- "typeset$__verso_flags $__verso_name=${(qq)${(P)__verso_name}}" ;;
    esac
  done
}

__verso_names() {
  builtin print -rl -- ${(k)functions} ${(k)aliases} ${(k)builtins} $reswords | command grep -v '^__verso_'
}

__verso_describe() {
  builtin whence -- "$1" >/dev/null || return 1
  builtin whence -v -- "$1"
  builtin whence -f -- "$1" 2>/dev/null
}

typeset -g __verso_status=0 __verso_open=1
__verso_variables >/dev/null  # modules that are loaded when first looked at bring variables with them
