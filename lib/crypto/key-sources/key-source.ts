import { kindOf } from '../../errors/session-config.error.js';
import type { KeySource, SecretOption } from '../key-source.interface.js';
import { NATIVE_SECRETS, secretBytes, type Secret, type SecretFault, type SecretRule } from '../secret.js';
import { callbackSource } from './callback-source.js';
import { execSource, splitCommand } from './exec-source.js';
import { fileSource } from './file-source.js';
import { literalSource } from './literal-source.js';
import { tokenSource } from './token-source.js';

/** Returns the source that an entry of `crypto.secrets` describes, or a sentence about what is wrong with the entry, for a
 *  message after `path`. `rule` reads the secrets of the source. Nothing is read yet except a literal, whose faults are
 *  known at once. */
export function keySource(
  path: string,
  option: SecretOption | undefined,
  rule: SecretRule = NATIVE_SECRETS,
): KeySource | string {
  if (typeof option === 'string') return textSource(path, option, rule);
  if (typeof option === 'function') return callbackSource(path, option, rule);
  if (option instanceof Uint8Array) return checkedLiteral(path, () => rule.bytes(option));
  if (option === undefined)
    return `is undefined; is the environment variable set? npx nestjs-session-crypto secret makes a secret`;
  if (typeof option !== 'object' || option === null) return `is ${kindOf(option)}; ${rule.allowed}`;
  const unknown = unknownMember(option);
  if (unknown) return `has the unknown member "${unknown}"; ${rule.allowed}`;
  if ('passphrase' in option) return passphraseSource(path, option.passphrase, rule);
  if ('exec' in option) return commandSource(path, option.exec, rule);
  if ('file' in option) return namedFileSource(path, option.file, option.othersMayRead === true, rule);
  if ('key' in option && rule.tokens) return tokenSource(path, option.key);
  return `is ${kindOf(option)}; ${rule.allowed}`;
}

/** The members that each kind of entry may have, by the member that tells its kind. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  passphrase: ['passphrase'],
  exec: ['exec'],
  file: ['file', 'othersMayRead'],
  key: ['key'],
};

/** Returns a member that the entry must not have, if there is one. A misspelt `othersMayread` would otherwise be ignored
 *  silently. */
function unknownMember(option: object): string | undefined {
  const kind = Object.keys(MEMBERS).find((name) => name in option);
  return kind && Object.keys(option).find((name) => !MEMBERS[kind]!.includes(name));
}

function textSource(path: string, text: string, rule: SecretRule): KeySource | string {
  if (text.startsWith('exec:')) return commandSource(path, splitCommand(text.slice(5)), rule);
  if (text.startsWith('file:')) return namedFileSource(path, text.slice(5), false, rule);
  return checkedLiteral(path, () => readAndWipe(secretBytes(text), rule.text));
}

function passphraseSource(path: string, passphrase: unknown, rule: SecretRule): KeySource | string {
  if (typeof passphrase === 'string')
    return checkedLiteral(path, () => readAndWipe(secretBytes(passphrase), rule.passphrase));
  if (passphrase instanceof Uint8Array) return checkedLiteral(path, () => rule.passphrase(passphrase));
  return `.passphrase is ${kindOf(passphrase)}; allowed are text and bytes`;
}

function commandSource(path: string, command: unknown, rule: SecretRule): KeySource | string {
  const isText = (word: unknown) => typeof word === 'string';
  if (Array.isArray(command) && command.some((word) => isText(word) && (word as string).includes('\0')))
    return '.exec holds a zero byte, which no program can receive';
  // An empty first word would be an empty program name.
  if (!Array.isArray(command) || !command.length || !command.every(isText) || !command[0])
    return `.exec is ${kindOf(command)}; allowed is a program and its arguments, each a text`;
  return execSource(path, command as string[], rule);
}

function namedFileSource(
  path: string,
  file: unknown,
  othersMayRead: boolean,
  rule: SecretRule,
): KeySource | string {
  if (typeof file !== 'string' || !file) return `.file is ${kindOf(file)}; allowed is the name of a file`;
  return fileSource(path, file, othersMayRead, rule);
}

/** Reads a literal once before it becomes a source, so that its fault is listed with the faults of all other options. */
function checkedLiteral(path: string, read: () => Secret | SecretFault): KeySource | string {
  const secret = read();
  if (typeof secret === 'string') return secret;
  secret.bytes.fill(0);
  return literalSource(path, read);
}

function readAndWipe<T>(bytes: Buffer, read: (bytes: Buffer) => T): T {
  const result = read(bytes);
  bytes.fill(0);
  return result;
}
