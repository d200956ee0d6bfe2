import type { JsonObject } from '../record/session-data.interface.js';
import { ForeignFormat, type TextOpener } from './foreign.format.js';
import type { CookieSessionMigration } from './options.interface.js';
import { readOptions, resolveMigration, resolveSecrets } from './resolve-options.js';
import { isReason, isSigned, parseData, without } from './text.js';

const ALGORITHMS = ['sha1', 'sha256', 'sha384', 'sha512'] as const;
/** A character, a semicolon, and the base64 of an HMAC-SHA-1. */
const SHORTEST = 29;

/** Returns the sessions of cookie-session, for `crypto.accept`: one cookie holds base64 of JSON, and a second one, whose name
 *  ends with `.sig`, the HMAC of the first (Keygrip). koa-session writes the same with an end inside. The start reports
 *  wrong options. */
export function fromCookieSession(options: CookieSessionMigration): ForeignFormat {
  const [resolved, faults] = readOptions(options, (reader) => ({
    ...resolveMigration(reader, 'session', true),
    keys: resolveSecrets(reader, 'keys'),
    algorithm: reader.choice('algorithm', 'sha1', ALGORITHMS),
  }));
  const { keys, algorithm, ...migration } = resolved;
  return new ForeignFormat({
    ...migration,
    name: 'cookie-session',
    faults,
    secrets: { option: 'keys', shortest: Math.min(...keys.map(({ length }) => length)) },
    weakness:
      'its cookies are readable and have no end inside, so every cookie that a visitor ever had opens until then',
    equalParameters: [algorithm],
    shortest: SHORTEST,
    start: () => opener(migration.source.cookie.name, keys, algorithm),
  });
}

/** The signature covers `name=value`, so that a value of another cookie does not open. */
function opener(name: string, keys: readonly Uint8Array[], algorithm: string): TextOpener {
  return (text, parts) => {
    const semicolon = text.lastIndexOf(';');
    const value = text.slice(0, Math.max(0, semicolon));
    const origin = `${name}=${value}`;
    if (!isSigned(algorithm, keys, origin, text.slice(semicolon + 1), 'base64url')) return 'tag';
    const data = parseData(Buffer.from(value, 'base64').toString(), parts);
    if (isReason(data)) return data;
    const expiresAt = endOf(data);
    if (expiresAt !== undefined && expiresAt <= parts.now()) return 'expired';
    return { origin, repeats: true, expiresAt, data: without(data, '_expire', '_maxAge') };
  };
}

/** Returns the end that koa-session writes, in seconds since 1970. */
const endOf = ({ _expire }: JsonObject): number | undefined =>
  typeof _expire === 'number' ? Math.floor(_expire / 1000) : undefined;
