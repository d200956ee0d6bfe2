import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionCryptoOptions } from 'nestjs-session-crypto';
import type { CommandIo } from '../../../../../lib/cli/command-io.interface.js';
import { withKeysAlone } from '../../../../../lib/cli/cookie/open-keys.js';
import { placesOf, type Place } from '../../../../../lib/cli/cookie/places.js';
import { run } from '../../../../../lib/cli/run.js';
import { sessionRecordOf, type WantedSession } from '../../../../../lib/record/wanted-session.js';
import type { StoredSession } from '../../../../../lib/persistence/session-repository.interface.js';
import type { CommandEnd } from '../../../../support/command.js';
import { capture } from '../../support/site.js';

export const SECRET = 'raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE';
export const OTHER = 'raw:b4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE';

/** Test files share this module, so that its hooks would run for the first of them alone. */
const folder = mkdtempSync(join(tmpdir(), 'session-crypto-cookie-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Writes a file with options, which it reads from a global, because it cannot import this package. */
export function configOf(options: SessionCryptoOptions, name = 'session.options.mjs'): string {
  const key = `options of ${name}`;
  (globalThis as Record<string, unknown>)[key] = options;
  const file = join(folder, name);
  writeFileSync(file, `export const options = () => globalThis[${JSON.stringify(key)}];`);
  return file;
}

/** Returns a file of the test's own with this text. */
export function fileOf(text: string, name: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** Runs a command of the line with a text on standard input. */
export async function command(
  args: readonly string[],
  input: string | Uint8Array = '',
  others: Partial<CommandIo> = {},
): Promise<CommandEnd> {
  const { said, output } = capture({ in: once(input), ...others });
  const status = await run(args, output);
  return { status, ...said };
}

async function* once(input: string | Uint8Array): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(input as string);
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

/** Runs `cookie explain` with options. */
export const explain = (options: SessionCryptoOptions, input: string | Uint8Array, ...args: string[]) =>
  command(['cookie', 'explain', '--config', configOf(options), ...args], input);

/** The explanations as JSON. */
export async function explained(options: SessionCryptoOptions, input: string, ...args: string[]) {
  const { out, status } = await explain(options, input, '--json', ...args);
  const { cookies, others } = JSON.parse(out) as {
    cookies: (Record<string, unknown> & { reason: string; verdict: string; why: string })[];
    others: number;
  };
  return { status, cookies, others, first: cookies[0]! };
}

/** A session that a test has stored, as the application does. */
export interface Made {
  readonly name: string;
  readonly value: string;
  readonly header: string;
  readonly entry: StoredSession;
}

/** Works with a place of the options: 0 is the secure cookie of the base options. */
export const atPlace = <R>(
  options: SessionCryptoOptions,
  work: (place: Place) => Promise<R>,
  number = 0,
): Promise<R> =>
  withKeysAlone(options, async (manager) => {
    await manager.open(() => undefined);
    return work(placesOf(manager)[number]!);
  });

/** Stores a session. */
export const make = (options: SessionCryptoOptions, wanted: WantedSession = {}, number = 0): Promise<Made> =>
  atPlace(
    options,
    async ({ endpoint: { repository, cookie, timeouts } }) => {
      const record = sessionRecordOf(
        { data: { cart: 'a secret value' }, ...wanted },
        repository.now(),
        timeouts,
      );
      const entry = await repository.create(repository.identity(record), record);
      const value = repository.cookieValue(entry);
      return { name: cookie.name, value, header: `Cookie: ${cookie.name}=${value}`, entry };
    },
    number,
  );
