import { quoted } from '../shell-word.js';
import { choicesOf, patternsOf, stepsOf, type CommandNode } from './command-tree.js';

const wordsOf = (words: readonly { word: string }[]): string =>
  quoted(words.map(({ word }) => word).join('\n'));

/** Returns the script for bash 3.2 and later. It needs no package of completions. */
export const bashScript = (nodes: readonly CommandNode[]): string => `# bash completion for session-crypto
_session_crypto() {
  local IFS=$'\\n' cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" at='' words='' options='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ${stepsOf(nodes).map(quoted).join('|')}) at="\${at:+$at }\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at|$prev" in
${choicesOf(nodes)
  .map(
    ({ at, option, values }) =>
      `    ${quoted(`${at}|${option}`)}) COMPREPLY=($(compgen -W ${quoted(values.join('\n'))} -- "$cur")); return ;;\n`,
  )
  .join(
    '',
  )}    ${patternsOf(nodes, 'file')}) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
    ${patternsOf(nodes, 'any')}) return ;;
  esac
  case "$at" in
${nodes.map(({ path, words, options }) => `    ${quoted(path)}) words=${wordsOf(words)} options=${wordsOf(options)} ;;\n`).join('')}  esac
  case "$cur" in
    -*) words=$options ;;
  esac
  COMPREPLY=($(compgen -W "\${words:-$options}" -- "$cur"))
}
complete -F _session_crypto session-crypto
`;
