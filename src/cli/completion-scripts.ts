/** The shells' side of completion: each script asks `exp __complete` and puts the answer where its shell wants it. */

/** The shells that there is a script for. */
export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** The script of a shell. */
export function completionScript(shell: Shell): string {
  return scripts[shell];
}

/**
 * Bash cuts words at `=` and `:`, and replaces only what stands behind the last cut; so what stands before it in the
 * whole word is taken off each candidate. Candidates bring their own space at the end.
 */
const bash = String.raw`# Completion of exp for bash: eval "$(exp completion bash)"
_exp_completion() {
  local line="${"$"}{COMP_LINE:0:COMP_POINT}" current="${"$"}{COMP_WORDS[COMP_CWORD]}" typed cut candidate
  typed="${"$"}{line##*[[:space:]]}"
  case "$current" in = | : | =: ) current="" ;; esac
  cut="${"$"}{typed%"$current"}"
  COMPREPLY=()
  while IFS= read -r candidate; do
    candidate="${"$"}{candidate%%$'\t'*}"
    COMPREPLY+=("${"$"}{candidate#"$cut"}")
  done < <("${"$"}{COMP_WORDS[0]}" __complete bash "$line" 2>/dev/null)
}
complete -o nospace -F _exp_completion exp
`;

const zsh = String.raw`#compdef exp
# Completion of exp for zsh: eval "$(exp completion zsh)" after compinit
_exp_completion() {
  [[ $PREFIX == '~/'* ]] && { _files; return }
  local -a typed whole whole_shown part part_shown
  local line word what
  typed=("${"$"}{(@Q)words[1,CURRENT-1]}" "${"$"}{(Q)PREFIX}")
  while IFS= read -r line; do
    word="${"$"}{line%%$'\t'*}"
    what="${"$"}{line#*$'\t'}"
    if [[ $word == *' ' ]]; then
      whole+=("${"$"}{word% }")
      whole_shown+=("${"$"}{word% }${"$"}{what:+  ($what)}")
    else
      part+=("$word")
      part_shown+=("${"$"}{word}${"$"}{what:+  ($what)}")
    fi
  done < <("${"$"}{words[1]}" __complete zsh "${"$"}{typed[@]}" 2>/dev/null)
  (( ${"$"}{#whole} )) && compadd -S ' ' -l -d whole_shown -a whole
  (( ${"$"}{#part} )) && compadd -S '' -l -d part_shown -a part
}
compdef _exp_completion exp
`;

const fish = String.raw`# Completion of exp for fish: exp completion fish > ~/.config/fish/completions/exp.fish
function __exp_completion
    set -l typed (commandline -opc) (commandline -ct)
    $typed[1] __complete fish $typed 2>/dev/null
end
complete -c exp -f -a '(__exp_completion)'
`;

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
