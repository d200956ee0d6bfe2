import { createServer as createPlain, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach } from 'vitest';
import type { CommandIo } from '../../../../lib/cli/command-io.interface.js';
import { LOOPBACK_CERTIFICATE } from '../../../support/loopback-certificate.js';

export const TOKEN = 'tokenAtokenBtokenCtokenDtokenE0123';

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
}

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Starts a site on this machine, which stops after the test. Resolves to its address. */
export async function startSite(
  answerOf: (request: IncomingMessage) => Answer,
  { secure = false } = {},
): Promise<string> {
  const listener: RequestListener = (request, response) => {
    const { status = 200, headers = {}, body = '' } = answerOf(request);
    response.writeHead(status, { ...headers }).end(body);
  };
  const server = secure ? createSecure(LOOPBACK_CERTIFICATE, listener) : createPlain(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  return `${secure ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const GOOD = {
  'set-cookie': `__Host-sid=${TOKEN}; Path=/; Secure; HttpOnly; SameSite=Lax`,
  'cache-control': 'no-store',
  vary: 'Cookie',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
};

/** The response of a good site. `others` replaces headers of it; `undefined` removes one. */
export function goodAnswer(others: Readonly<Record<string, string | string[] | undefined>> = {}): Answer {
  const headers: Record<string, string | string[]> = { ...GOOD };
  for (const [name, value] of Object.entries(others)) {
    delete headers[name];
    if (value !== undefined) headers[name] = value;
  }
  return { headers };
}

/** Collects what a command writes. `given` replaces what it knows of the terminal. */
export function capture(given: Partial<CommandIo> = {}) {
  const said = { out: '', err: '' };
  const output: CommandIo = {
    in: Readable.from([]),
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
    colors: false,
    interactive: false,
    now: Date.now,
    interruption: () => new AbortController().signal,
    ...given,
  };
  return { said, output };
}
