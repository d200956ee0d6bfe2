import { dirname } from 'node:path';
import type { KeySource, SecretOption } from '../../crypto/key-source.interface.js';
import { execSource, splitCommand } from '../../crypto/key-sources/exec-source.js';
import { privateFile } from '../../crypto/key-sources/file-source.js';
import { keySource } from '../../crypto/key-sources/key-source.js';
import { ownCopy, type Secret, type SecretFault, type SecretRule } from '../../crypto/secret.js';
import { kindOf } from '../../errors/session-config.error.js';
import { meantHint } from '../../errors/nearest-name.js';
import { isAbsolute, resolvePath } from '../directives/server-root.js';
import { parsePassphraseFile } from './passphrase-file.js';

/** One entry of `apache({ secrets })`: a passphrase that is shared with httpd, or a source of passphrases. */
export type ApacheSecretOption =
  | SecretOption
  | {
      /** Path of a file in the format of `SessionCryptoPassphraseFile`: words as httpd splits them, several on a line;
       *  a word may be `exec:program argument`. */
      readonly passphraseFile: string;
      /** The directory where relative programs that the file names begin. @default none: such a program is a fault
       *  @see httpd `ServerRoot` */
      readonly serverRoot?: string;
      /** Accept a file that users other than its owner may read. @default false */
      readonly othersMayRead?: boolean;
    };

/** Takes the bytes as they are, as httpd does: any length from one byte, and no prefix such as `raw:` has a meaning. */
const readBytes = (bytes: Uint8Array): Secret | SecretFault =>
  bytes.length ? { kind: 'passphrase', bytes: ownCopy(bytes) } : 'is empty; is the environment variable set?';

/** Reads the secrets of the Apache format. */
export const PASSPHRASE_RULE: SecretRule = {
  text: readBytes,
  bytes: readBytes,
  passphrase: readBytes,
  // httpd's server/util.c, ap_get_exec_line: the directory of the program, and no environment
  surroundings: (program) => ({ cwd: dirname(program), env: {} }),
  allowed:
    'allowed are text, bytes, { passphrase }, { exec: [program, …] }, "exec:program …", { file }, "file:name", ' +
    '{ passphraseFile } or a function',
};

/** Returns the source that an entry of `secrets` names, or a message that says what is wrong with the entry. The message
 *  may begin with the member at fault, such as `.passphraseFile`. The text `exec:` alone is a passphrase, as in httpd. */
export function secretSource(path: string, option: ApacheSecretOption | undefined): KeySource | string {
  if (option === 'exec:') return keySource(path, { passphrase: option }, PASSPHRASE_RULE);
  if (typeof option !== 'object' || option === null || !('passphraseFile' in option))
    return keySource(path, option, PASSPHRASE_RULE);
  const { passphraseFile, serverRoot, othersMayRead = false, ...rest } = option;
  const [unknown] = Object.keys(rest);
  if (unknown)
    return `has the unknown member "${unknown}"${meantHint(unknown, MEMBERS) || `; known are ${MEMBERS.join(', ')}`}`;
  if (typeof passphraseFile !== 'string' || !passphraseFile)
    return `.passphraseFile is ${kindOf(passphraseFile)}; allowed is the name of a file`;
  if (serverRoot !== undefined && !isAbsolute(String(serverRoot)))
    return `.serverRoot is ${kindOf(serverRoot)}; allowed is an absolute path`;
  return passphraseFileSource(path, {
    file: passphraseFile,
    serverRoot,
    othersMayRead: othersMayRead === true,
  });
}

/** The members of an entry with a file. */
const MEMBERS = ['passphraseFile', 'serverRoot', 'othersMayRead'];

/** A file of passphrases as its option names it. */
interface PassphraseFilePlace {
  readonly file: string;
  readonly serverRoot: string | undefined;
  readonly othersMayRead: boolean;
}

/** Returns a source that reads all words of a passphrase file and runs the programs that it names. A file without a
 *  passphrase is an error here; httpd would send its sessions unencrypted. */
function passphraseFileSource(
  path: string,
  { file, serverRoot, othersMayRead }: PassphraseFilePlace,
): KeySource {
  return privateFile(path, file, othersMayRead, (bytes, fail) => {
    const words = parsePassphraseFile(bytes);
    if (typeof words === 'string') throw fail(`the file ${words}`);
    if (!words.length)
      throw fail('the file holds no passphrase; httpd would send its sessions unencrypted; add one');
    return secretsOf(words, (word) => runCommand(word, path, serverRoot, fail));
  });
}

/** Returns the passphrases of all words. If one program fails, none counts. The words are wiped in any case. */
async function secretsOf(
  words: Buffer[],
  runProgram: (word: Buffer) => Promise<Secret[]>,
): Promise<Secret[]> {
  const secrets: Secret[] = [];
  try {
    for (const word of words)
      secrets.push(...(isCommand(word) ? await runProgram(word) : [passphrase(word)]));
    return secrets;
  } catch (error) {
    for (const { bytes } of secrets) bytes.fill(0);
    throw error;
  } finally {
    for (const word of words) word.fill(0);
  }
}

const passphrase = (word: Buffer): Secret => ({ kind: 'passphrase', bytes: ownCopy(word) });

/** True for `exec:program`. The word `exec:` alone is a passphrase. */
const isCommand = (word: Buffer): boolean => word.length > 5 && word.toString('latin1', 0, 5) === 'exec:';

async function runCommand(
  word: Buffer,
  path: string,
  serverRoot: string | undefined,
  fail: (message: string) => Error,
): Promise<Secret[]> {
  const [program, ...args] = splitCommand(word.toString('utf8', 5));
  if (!program) throw fail('the file has an "exec:" without a program; write "exec:program argument"');
  const absolute = resolvePath(program, serverRoot);
  if (!absolute)
    throw fail(
      'the file names a relative program; write its absolute path, or give serverRoot beside the file',
    );
  return execSource(path, [absolute, ...args], PASSPHRASE_RULE).read();
}
