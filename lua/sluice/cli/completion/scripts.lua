--- What shells need to complete Sluice's command line. Each asks the program itself: `sluice completion --words -- …`
--- prints a line for each word that may stand next, with a tab before what it means; a line that begins with a colon
--- says that names of files or folders fit as well (`:files`, `:folders`), or that no blank follows (`:open`).

local M = {}

M.bash = [==[
# Completion of sluice for bash. For now: eval "$(sluice completion bash)"
# For good: sluice completion bash > ~/.local/share/bash-completion/completions/sluice

# The words up to the cursor as the program will see them: bash itself breaks them at = and :
_sluice_words() {
  local rest=${COMP_LINE:0:COMP_POINT} blanks part i
  words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    blanks=${rest%%[![:space:]]*}
    rest=${rest#"$blanks"}
    part=${COMP_WORDS[i]}
    ((i == COMP_CWORD)) && part=$rest
    rest=${rest#"$part"}
    if [[ -n $blanks || $i -eq 0 ]]; then words+=("$part"); else words[${#words[@]} - 1]+=$part; fi
  done
}

_sluice() {
  local words line kind='' current break='' IFS=$'\n'
  _sluice_words
  current=${words[${#words[@]} - 1]}
  if [[ $current == *[=:]* && $current != [\'\"]* ]]; then break=${current%"${current##*[=:]}"}; fi
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :* ]]; then kind=$line; else
      line=${line%%$'\t'*}
      COMPREPLY+=("${line#"$break"}")
    fi
  done < <("$1" completion --words -- "${words[@]:1}" 2>/dev/null)
  case $kind in
    :files | :folders)
      local what=-f word=${current#"$break"}
      [[ $kind == :folders ]] && what=-d
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen $what -- "$word")
      compopt -o filenames 2>/dev/null
      ;;
    :open) compopt -o nospace 2>/dev/null ;;
  esac
}

complete -F _sluice sluice
]==]

M.zsh = [==[
#compdef sluice
# Completion of sluice for zsh. For now: eval "$(sluice completion zsh)"
# For good: sluice completion zsh > a folder of $fpath/_sluice

_sluice() {
  local line kind word about tab=$'\t'
  local -a shown plain open
  for line in ${(f)"$(${words[1]} completion --words -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)"}; do
    if [[ $line == :* ]]; then
      kind=$line
      continue
    fi
    word=${line%%$tab*}
    about=${line#*$tab}
    [[ $line == *$tab* ]] || about=''
    if [[ $word == *[=:] ]]; then open+=("${word//:/\\:}${about:+:$about}"); else
      shown+=("${word//:/\\:}${about:+:$about}")
    fi
  done
  (( $#shown )) && _describe -V 'sluice' shown
  (( $#open )) && _describe -V 'sluice' open -S ''
  case $kind in
    :files) compset -P '--*='; _files ;;
    :folders) compset -P '--*='; _files -/ ;;
  esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _sluice "$@"; else compdef _sluice sluice; fi
]==]

M.fish = [==[
# Completion of sluice for fish. For now: sluice completion fish | source
# For good: sluice completion fish > ~/.config/fish/completions/sluice.fish

function __sluice_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l program $words[1]
  set -e words[1]
  set -l before ''
  set -l path $current
  if string match -qr -- '^--[^=]*=' $current
    set before (string match -r -- '^--[^=]*=' $current)
    set path (string replace -r -- '^--[^=]*=' '' $current)
  end
  for line in ($program completion --words -- $words $current 2>/dev/null)
    switch $line
      case ':files'
        for name in (__fish_complete_path $path)
          echo $before$name
        end
      case ':folders'
        for name in (__fish_complete_directories $path '')
          echo $before$name
        end
      case ':*'
      case '*'
        echo $line
    end
  end
end

complete -c sluice -f -a '(__sluice_complete)'
]==]

return M
