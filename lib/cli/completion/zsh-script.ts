import { quoted } from '../shell-word.js';
import { choicesOf, patternsOf, stepsOf, type CommandNode, type Word } from './command-tree.js';

/** Returns words as `_describe` reads them: a colon divides a word from its meaning. */
const described = (words: readonly Word[]): string =>
  words.map(({ word, meaning }) => quoted(meaning ? `${word}:${meaning}` : word)).join(' ');

/** Returns the script for zsh. */
export const zshScript = (nodes: readonly CommandNode[]): string => `#compdef session-crypto
_session_crypto() {
  local at='' i
  local -a candidates choices
  for ((i = 2; i < CURRENT; i++)); do
    case "$at \${words[i]}" in
      (${stepsOf(nodes).map(quoted).join('|')}) at="\${at:+$at }\${words[i]}" ;;
    esac
  done
  case "$at|\${words[CURRENT-1]}" in
${choicesOf(nodes)
  .map(
    ({ at, option, values }) =>
      `    (${quoted(`${at}|${option}`)}) compadd -- ${values.map(quoted).join(' ')}; return ;;\n`,
  )
  .join('')}    (${patternsOf(nodes, 'file')}) _files; return ;;
    (${patternsOf(nodes, 'any')}) return ;;
  esac
  case "$at" in
${nodes.map(({ path, words, options }) => `    (${quoted(path)}) candidates=(${described(words)}) choices=(${described(options)}) ;;\n`).join('')}  esac
  if [[ "\${words[CURRENT]}" == -* || \${#candidates} == 0 ]]; then
    _describe -o option choices
  else
    _describe command candidates
  fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _session_crypto "$@"
else
  compdef _session_crypto session-crypto
fi
`;
