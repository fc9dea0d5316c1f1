# Makes an interactive zsh a kernel. Read once, with __verso_token, __verso_report, __verso_out and __verso_err set.
# See bash.sh.
unsetopt zle monitor notify beep prompt_cr prompt_sp bang_hist hist_beep check_jobs hup
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
    builtin typeset -p
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

__verso_names() {
  zmodload -F zsh/parameter p:functions p:aliases p:builtins p:reswords
  builtin print -rl -- ${(k)functions} ${(k)aliases} ${(k)builtins} $reswords | command grep -v '^__verso_'
}

__verso_describe() { builtin whence -v -- "$1" && builtin whence -f -- "$1" 2>/dev/null; }

__verso_functions() { builtin functions; builtin alias -L }

typeset -g __verso_status=0 __verso_open=1
