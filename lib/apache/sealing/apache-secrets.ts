import type { KeySource, SecretOption } from '../../crypto/key-source.interface.js';
import { execSource, splitCommand } from '../../crypto/key-sources/exec-source.js';
import { privateFile } from '../../crypto/key-sources/file-source.js';
import { keySource } from '../../crypto/key-sources/key-source.js';
import { ownCopy, type Secret, type SecretFault, type SecretRule } from '../../crypto/secret.js';
import { kindOf } from '../../errors/session-config.error.js';
import { parsePassphraseFile } from './passphrase-file.js';

/** What may stand in a list of passphrases that are shared with httpd. */
export type ApacheSecretOption =
  | SecretOption
  | {
      /** A file of `SessionCryptoPassphraseFile`: words as httpd splits them, several a line, `exec:` among them. */
      readonly passphraseFile: string;
      /** Accept a file that others than its owner may read. @default false */
      readonly othersMayRead?: boolean;
    };

/** Bytes are a passphrase as they stand, one or more of them; no prefix has a meaning. */
const readBytes = (bytes: Uint8Array): Secret | SecretFault =>
  bytes.length ? { kind: 'passphrase', bytes: ownCopy(bytes) } : 'is empty; is the environment variable set?';

export const APACHE_SECRETS: SecretRule = {
  text: readBytes,
  bytes: readBytes,
  passphrase: readBytes,
  allowed:
    'allowed are text, bytes, { passphrase }, { exec: [program, …] }, "exec:program …", { file }, "file:name", ' +
    '{ passphraseFile } or a function',
};

/** The source that an entry names, or what is wrong with the entry. `exec:` alone is a passphrase, as in httpd. */
export function apacheKeySource(path: string, option: ApacheSecretOption | undefined): KeySource | string {
  if (option === 'exec:') return keySource(path, { passphrase: option }, APACHE_SECRETS);
  if (typeof option !== 'object' || option === null || !('passphraseFile' in option))
    return keySource(path, option, APACHE_SECRETS);
  const { passphraseFile, othersMayRead = false, ...rest } = option;
  const [unknown] = Object.keys(rest);
  if (unknown) return `has the unknown member "${unknown}"; ${APACHE_SECRETS.allowed}`;
  if (typeof passphraseFile !== 'string' || !passphraseFile)
    return `.passphraseFile is ${kindOf(passphraseFile)}; allowed is the name of a file`;
  return passphraseFileSource(path, passphraseFile, othersMayRead === true);
}

/** All words of a passphrase file, the programs among them run; without one it is an error, where httpd would send its
 *  sessions in clear. */
export function passphraseFileSource(path: string, file: string, othersMayRead: boolean): KeySource {
  return privateFile(path, file, othersMayRead, (bytes, fail) => {
    const words = parsePassphraseFile(bytes);
    if (typeof words === 'string') throw fail(`the file ${words}`);
    if (!words.length) throw fail('the file holds no passphrase; httpd would send its sessions in clear');
    return secretsOf(words, path, fail);
  });
}

async function secretsOf(words: Buffer[], path: string, fail: (message: string) => Error): Promise<Secret[]> {
  const secrets: Secret[] = [];
  try {
    for (const word of words)
      secrets.push(...(isCommand(word) ? await run(word, path, fail) : [passphrase(word)]));
    return secrets;
  } catch (error) {
    for (const { bytes } of secrets) bytes.fill(0);
    throw error;
  } finally {
    for (const word of words) word.fill(0);
  }
}

const passphrase = (word: Buffer): Secret => ({ kind: 'passphrase', bytes: ownCopy(word) });

const isCommand = (word: Buffer): boolean => word.length > 5 && word.toString('latin1', 0, 5) === 'exec:';

function run(word: Buffer, path: string, fail: (message: string) => Error): Promise<Secret[]> {
  const command = splitCommand(word.toString('utf8', 5));
  if (!command[0]) throw fail('the file has an "exec:" without a program');
  return execSource(path, command, APACHE_SECRETS).read();
}
