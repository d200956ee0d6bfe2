import { quoted } from '../shell-word.js';
import { stepsOf, type CommandNode, type OptionWord, type Word } from './command-tree.js';

/** fish knows two characters with a backslash in quotes. */
const text = (one: string): string => `'${one.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** Returns the script for fish 3 and later. */
export const fishScript = (nodes: readonly CommandNode[]): string => `# fish completion for session-crypto
function __session_crypto_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    switch "$at $word"
      case ${stepsOf(nodes).map(text).join(' ')}
        set at (string trim -- "$at $word")
    end
  end
  test "$at" = "$argv[1]"
end
complete -c session-crypto -e
complete -c session-crypto -f
${nodes.map(linesOf).join('')}`;

function linesOf({ path, words, options }: CommandNode): string {
  const head = `complete -c session-crypto -n ${text(`__session_crypto_at ${quoted(path)}`)}`;
  return [
    ...words.map((one) => `${head} -a ${text(one.word)}${meaningOf(one)}\n`),
    ...options.map((one) => `${head} ${optionOf(one)}${meaningOf(one)}\n`),
  ].join('');
}

const meaningOf = ({ meaning }: Word): string => (meaning ? ` -d ${text(meaning)}` : '');

/** Returns how fish declares an option with its value. */
function optionOf({ word, value }: OptionWord): string {
  const name = `-l ${text(word.slice(2))}`;
  if (value === 'none') return name;
  if (value === 'file') return `${name} -r -F`;
  return value === 'any' ? `${name} -x` : `${name} -x -a ${text(value.join(' '))}`;
}
