import { kindOf, SessionConfigError } from '../errors/session-config.error.js';
import type { OptionReader } from '../options/option-reader.js';
import { loadPeer } from '../peers/load-peer.js';
import { ForeignFormat, type TextOpener } from './foreign.format.js';
import type { IronSessionMigration } from './options.interface.js';
import { readOptions, resolveMigration } from './resolve-options.js';
import { isReason, parseData } from './text.js';

/** The part of iron-webcrypto that is used here. Its version 1 takes WebCrypto as first argument. */
interface Iron {
  readonly defaults: object;
  unseal(...args: unknown[]): Promise<unknown>;
}

/** Characters of a password, which iron-webcrypto asks for. */
const MIN_PASSWORD = 32;
const PREFIX = 'Fe26.2';
/** Parts of a seal: prefix, id of the password, salt, iv, ciphertext, end, salt of the MAC, MAC. */
const PARTS = 8;
const SIGNED_PARTS = 6;
const MILLISECONDS = /^[1-9]\d{0,15}$/;

/** Returns the sessions of iron-session, for `crypto.accept`: Fe26.2 seals. Needs the package iron-webcrypto, which
 *  iron-session itself uses. The start reports wrong options. */
export function fromIronSession(options: IronSessionMigration): ForeignFormat {
  const [resolved, faults] = readOptions(options, (reader) => ({
    ...resolveMigration(reader, ''),
    passwords: resolvePasswords(reader),
  }));
  const { passwords, ...migration } = resolved;
  return new ForeignFormat({
    ...migration,
    name: 'iron-session',
    faults,
    secrets: {
      option: 'password',
      shortest: Math.min(...[...passwords.values()].map(({ length }) => length)),
    },
    weakness:
      'a seal is bound to no cookie and no site, so whatever else the password has sealed opens as a session',
    equalParameters: [],
    shortest: PREFIX.length,
    start: async (path) => opener(await loadIron(path), passwords),
  });
}

/** Reads the password, or the passwords by their ids. A fault never shows one. */
function resolvePasswords(reader: OptionReader): Map<string, string> {
  const given = reader.take('password');
  const isMap = typeof given === 'object' && given !== null && !Array.isArray(given);
  const entries = isMap ? Object.entries(given) : [['1', given] as const];
  if (!entries.length) reader.addFault('password', 'is an empty object; give the password of iron-session');
  const passwords = new Map<string, string>();
  for (const [id, password] of entries as [string, unknown][]) {
    const key = isMap ? `password.${id.slice(0, 20)}` : 'password';
    if (typeof password !== 'string')
      reader.addFault(key, `is ${kindOf(password)}; allowed is the password of iron-session`);
    else if (password.length < MIN_PASSWORD)
      reader.addFault(key, `has ${password.length} characters; iron-session needs at least ${MIN_PASSWORD}`);
    else passwords.set(id, password);
  }
  return passwords;
}

/** Loads iron-webcrypto, and asks it a known answer. */
async function loadIron(path: string): Promise<Iron> {
  const iron = await loadPeer<Iron>('iron-webcrypto', path);
  const answer = await unseal(iron, KNOWN_SEAL, KNOWN_PASSWORD, 0).catch(() => undefined);
  if (answer === KNOWN_ANSWER) return iron;
  const message = 'needs the package iron-webcrypto 1 or 2, and the installed one fails its self-test';
  throw new SessionConfigError([{ path, message: `${message}: npm install iron-webcrypto@2` }]);
}

/** Returns the JSON in a seal. Rejects if the password did not make it. `now` is in milliseconds since 1970. */
async function unseal(iron: Iron, seal: string, password: string, now: number): Promise<string> {
  const options = {
    ...iron.defaults,
    timestampSkewSec: 0,
    localtimeOffsetMsec: now - Date.now(),
    decode: (text: string) => text, // JSON.parse has no limit of depth
  };
  const args =
    iron.unseal.length > 3 ? [globalThis.crypto, seal, password, options] : [seal, password, options];
  return (await iron.unseal(...args)) as string;
}

function opener(iron: Iron, passwords: ReadonlyMap<string, string>): TextOpener {
  return async (text, parts) => {
    const seal = text.split('~', 1)[0]!; // the version behind it is not signed, so it decides nothing
    const fields = seal.split('*', PARTS + 1);
    if (fields.length !== PARTS || fields[0] !== PREFIX) return 'version';
    const password = passwords.get(fields[1]!);
    if (password === undefined) return 'unknown-key';
    const end = fields[SIGNED_PARTS - 1]!;
    if (end && !MILLISECONDS.test(end)) return 'encoding';
    const now = parts.now() * 1000;
    const json = await unseal(iron, seal, password, Math.min(now, Number(end || now) - 1)).catch(
      () => undefined,
    );
    if (typeof json !== 'string') return 'tag';
    if (end && Number(end) <= now) return 'expired';
    const data = parseData(json, parts);
    if (isReason(data)) return data;
    const origin = fields.slice(0, SIGNED_PARTS).join('*');
    return { origin, expiresAt: end ? Math.floor(Number(end) / 1000) : undefined, data };
  };
}

/** Made with iron-webcrypto 2.0.0: `seal({ known: 'answer' }, { id: '1', secret: KNOWN_PASSWORD }, defaults)`. */
const KNOWN_PASSWORD = 'a known password of 32 characters';
const KNOWN_ANSWER = '{"known":"answer"}';
const KNOWN_SEAL =
  'Fe26.2*1*ad478ff76a78c96ce61dc9b12ca6c8f1b995306b0167e7b0c09a4f9ffd2375a7*v5Rdgu-nONXrfpHBJDFg2w*oENsFIvx-3nrLGPpnSCvw1JqDOlg7Sh3vFj8HcVd3k8**fa5462cf3e10768bb110c33d21c611e06e2d4b2e263f8544196fbc65f19184b2*3y2PZO1hxj-NXBPbew8wW83Kp3HkUgc_n3xRbU0F5aI';
