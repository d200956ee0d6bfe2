import { createHmac } from 'node:crypto';
import type { SessionStore } from 'nestjs-session-crypto';
import { fromExpressSession } from 'nestjs-session-crypto/migrate';
import { command, type CommandEnd } from './command.js';
import { ScriptApp, type Client } from './script-app.js';
import { SECRET } from './test-app.js';

const OLD_SECRET = 'the secret of the old application';

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

export interface CommandAnswer extends CommandEnd {
  /** The arguments of the command that goes on, where one is printed. */
  readonly again: readonly string[] | undefined;
}

/** Runs `session-crypto convert` with a store of ours. With `interrupt`, the operator interrupts it after its first batch. */
export async function convertInto(
  store: SessionStore,
  args: readonly string[],
  { interrupt = false } = {},
): Promise<CommandAnswer> {
  let err = '';
  const stop = new AbortController();
  const { status, out } = await command(['convert', ...args], optionsOf(store), {
    err(text) {
      err += text;
      if (interrupt) stop.abort();
    },
    interactive: interrupt,
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
