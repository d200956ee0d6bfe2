import type { EffectiveConfig, Settings, WrittenDbd } from './model.interface.js';
import { nameOf } from './directive-names.js';
import { say, type Notes } from './notes.js';

const COOKIE: readonly (keyof Settings)[] = ['cookie', 'cookie2'];
const DBD: readonly (keyof Settings)[] = ['dbdCookie', 'dbdCookie2'];
const LABELS = ['selectLabel', 'insertLabel', 'updateLabel', 'deleteLabel'] as const;

/** What httpd would do in silence where a session is on: send it in clear, keep it nowhere, or find no statement. */
export function check(config: EffectiveConfig, dbd: WrittenDbd, notes: Notes): void {
  if (!config.enabled) return;
  const line = config.lines.enabled!;
  if (!config.lines.passphrases)
    notes.fault(
      line,
      'Session is On where there is no passphrase, and httpd would send the session in clear; add SessionCryptoPassphrase or SessionCryptoPassphraseFile',
    );
  const inCookie = set(config, COOKIE);
  const inDatabase = set(config, DBD) ?? (config.dbdPerUser ? 'dbdPerUser' : undefined);
  if (!inCookie && !inDatabase)
    notes.fault(
      line,
      'Session is On where there is no store; add SessionCookieName, SessionDBDCookieName or SessionDBDPerUser',
    );
  if (inCookie && inDatabase)
    notes.finding(
      config.lines[inDatabase]!,
      `${nameOf(inDatabase)} and ${nameOf(inCookie)} hold in one place; httpd uses the cookie store alone`,
    );
  if (config.dbdPerUser && set(config, DBD))
    notes.finding(
      config.lines.dbdPerUser!,
      `SessionDBDPerUser has no effect beside ${nameOf(set(config, DBD)!)}`,
    );
  for (const key of ['cookie2', 'dbdCookie2'] as const)
    if (config[key])
      notes.finding(config.lines[key]!, `${nameOf(key)}: Set-Cookie2 is obsolete and no browser reads it`);
  if (inDatabase && !inCookie) checkLabels(config, config.lines[inDatabase]!, dbd, notes);
}

function checkLabels(config: EffectiveConfig, line: number, { statements }: WrittenDbd, notes: Notes): void {
  for (const key of LABELS)
    if (!statements.has(config[key]))
      notes.fault(
        config.lines[key] ?? line,
        `${nameOf(key)} is ${say(config[key])}${config.lines[key] ? '' : " (httpd's default)"} and no DBDPrepareSQL has that label`,
      );
}

const set = (config: EffectiveConfig, keys: readonly (keyof Settings)[]) =>
  keys.find((key) => config.lines[key]);
