import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionStore } from 'nestjs-session-crypto';
import { fromExpressSession } from 'nestjs-session-crypto/migrate';
import { run } from '../../lib/cli/run.js';
import { temporaryFolder } from './cleanup.js';
import { ScriptApp, type Client } from './script-app.js';
import { SECRET } from './test-app.js';

const OLD_SECRET = 'the secret of the old application';
/** The command reads its options from a global, because a file cannot import this package. */
const shared = globalThis as { optionsOfConvert?: unknown };

const optionsOf = (store: SessionStore) => ({
  crypto: {
    secrets: [SECRET],
    accept: [
      fromExpressSession({
        secret: OLD_SECRET,
        store: 'converted',
        until: new Date(Date.now() + 86_400_000),
        subjectFrom: (data) => data['passport']?.user,
      }),
    ],
  },
  store,
});

export interface CommandAnswer {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** The arguments of the command that goes on, where one is printed. */
  readonly again: readonly string[] | undefined;
}

/** Runs `session-crypto convert` with a store of ours. With `interrupt`, the operator interrupts it after its first batch. */
export async function convertInto(
  store: SessionStore,
  args: readonly string[],
  { interrupt = false } = {},
): Promise<CommandAnswer> {
  const file = join(await temporaryFolder(), 'options.mjs');
  await writeFile(file, 'export const options = () => globalThis.optionsOfConvert;');
  shared.optionsOfConvert = optionsOf(store);
  let [out, err] = ['', ''];
  const stop = new AbortController();
  const status = await run(['convert', '--config', file, ...args], {
    in: (async function* () {})(),
    out: (text) => void (out += text),
    err(text) {
      err += text;
      if (interrupt) stop.abort();
    },
    colors: false,
    interactive: interrupt,
    now: Date.now,
    interruption: () => stop.signal,
  });
  const again = / go on with: session-crypto convert (.*)\n/.exec(err)?.[1]?.split(' ');
  return { status, out, err, again };
}

/** Starts the new application, which no longer asks the old store. Returns what gives a visitor with the old cookie of an id. */
export async function newApplication(store: SessionStore): Promise<(id: string) => Client> {
  const app = await ScriptApp.start(optionsOf(store));
  return (id) => {
    const client = app.client();
    const signature = createHmac('sha256', OLD_SECRET).update(id).digest('base64').replaceAll('=', '');
    client.jar.set('connect.sid', encodeURIComponent(`s:${id}.${signature}`));
    return client;
  };
}

export const whoIs = (client: Client) => client.result((session) => [session.subject ?? null, session.all()]);

/** A session as express-session serialises it. */
export const sessionOf = (user: string, more: object = {}) => ({
  cookie: { originalMaxAge: 3_600_000, expires: new Date(Date.now() - 1000), httpOnly: true, path: '/' },
  passport: { user },
  ...more,
});
