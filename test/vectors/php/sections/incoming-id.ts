import { expect } from 'vitest';
import type { Outcome, PhpCase } from '../php-session.js';
import { NEVER_ADOPTED, SHORT_IDS, STARTS_ANYWAY } from '../probe/differences.js';
import { isFile, putFile } from '../probe/php-files.js';
import { ProbeApp } from '../probe/probe-app.js';
import { outcomeOf } from '../probe/run-code.js';
import { compareCookies, LAX, withLax } from '../probe/set-cookie-lines.js';
import { visitOnce, type Seen } from '../probe/visit.js';

interface IncomingIdCase extends PhpCase {
  readonly id_b64: string;
  readonly strict: 0 | 1;
  readonly exists: 0 | 1;
  readonly headers: readonly string[];
  readonly result: { readonly start: boolean; readonly kept_given_id: boolean; readonly sid?: string; readonly data: unknown };
}

/** The length of PHP's ids (session.sid_length). */
const SHORTEST = 22;
const FRESH = ['Set-Cookie: PHPSESSID=@id1; path=/'];

/** Sends any bytes as the id of a session whose file may exist. */
export async function checkIncomingId(vector: IncomingIdCase): Promise<Outcome> {
  const app = await ProbeApp.start({ ...LAX, 'session.use_strict_mode': String(vector.strict) }, true);
  try {
    return await compare(vector, app);
  } finally {
    await app.close();
  }
}

async function compare(vector: IncomingIdCase, app: ProbeApp): Promise<Outcome> {
  const bytes = Buffer.from(vector.id_b64, 'base64');
  const id = bytes.toString('latin1');
  if (vector.exists) await putFile(app.folder, id, 'k|i:1;');
  const cookie = `PHPSESSID=${percentEncoded(bytes)}`;
  const seen = await visitOnce(app, { headers: { cookie } });
  expect(seen.status).toBe(200);
  if (vector.exists && id.length >= SHORTEST) return known(vector, seen);
  return unknown(vector, app, seen, id);
}

function known({ result, headers }: IncomingIdCase, { isNew, data, headers: told }: Seen): Outcome {
  expect({ kept: !isNew, data }).toEqual({ kept: result.kept_given_id, data: result.data });
  return outcomeOf(compareCookies(told, headers, { session: 'PHPSESSID' }));
}

async function unknown(
  { exists, strict, headers, result }: IncomingIdCase,
  app: ProbeApp,
  seen: Seen,
  id: string,
): Promise<Outcome> {
  expect(seen.isNew).toBe(true);
  const rules = compareCookies(seen.headers, withLax(FRESH), { session: 'PHPSESSID', brought: id });
  if (exists) return SHORT_IDS;
  if (/^[\w,-]{1,250}$/.test(id)) expect(await isFile(`${app.folder}/sess_${id}`)).toBe(false);
  if (!result.start && !strict) return STARTS_ANYWAY;
  const taken = result.kept_given_id ? id : (result.sid ?? '');
  if (!strict && taken && id.startsWith(taken)) return NEVER_ADOPTED; // PHP cuts an id at its first zero byte
  expect(headers).toEqual(FRESH);
  return outcomeOf(rules);
}

const percentEncoded = (bytes: Buffer): string =>
  bytes.toString('latin1').replace(/[^\w-]/g, (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`);
