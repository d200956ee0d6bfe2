// A browser that sends one request, keeps the cookie, and writes both into the journal.
import { Agent, request } from 'node:http';
import { now } from './journal.mjs';

/** Milliseconds after which a request counts as never answered. */
const PATIENCE = 60_000;

/** A browser's cookie for one session. A family is the ids of a session between two requested moves (login, regenerate):
 *  such a move ends the family, a periodic renewal does not. */
export class Jar {
  constructor(
    /** The name by which the journal knows the session. */
    session,
    cookie,
    family = 0,
  ) {
    this.session = session;
    this.cookie = cookie;
    this.family = family;
  }

  copy() {
    return new Jar(this.session, this.cookie, this.family);
  }
}

/** Sends requests to the processes of the application and journals each. */
export class Client {
  #agent = new Agent({ keepAlive: true });
  #nextId = 0;

  constructor(journal, name) {
    this.journal = journal;
    this.name = name;
  }

  /** Sends `op` to `app` with the jar's cookie. Resolves to the line of the journal. */
  async send(app, op, jar, facts = {}) {
    const id = `${this.name}.${this.#nextId++}`;
    const startedAt = now();
    const { session, family, cookie } = jar;
    const { status, body, set, fault } = await this.#ask(app.port, op, id, cookie);
    const line = { id, op, ...facts, app: app.name, session, family, cookie, startedAt, endedAt: now() };
    Object.assign(line, { answer: answerOf(status, body, fault), status, fault, set, seen: body });
    if (line.answer === 'acknowledged' && MOVES.has(op)) jar.family++;
    if (set) jar.cookie = set;
    this.journal.add(line);
    return line;
  }

  close() {
    this.#agent.destroy();
  }

  #ask(port, op, id, cookie) {
    const method = op === 'read' || op === 'observe' ? 'GET' : 'POST';
    const options = { port, method, path: `/${op}/${id}`, agent: this.#agent, timeout: PATIENCE };
    const sent = request({
      host: '127.0.0.1',
      ...options,
      headers: cookie ? { cookie: `sid=${cookie}` } : {},
    });
    return new Promise((resolve) => {
      sent.on('response', (response) => resolve(received(response)));
      sent.on('error', ({ code }) => resolve({ fault: code ?? 'error' }));
      sent.on('timeout', () => sent.destroy());
      sent.end();
    });
  }
}

/** Operations that end all earlier ids of their session. */
export const MOVES = new Set(['login', 'regenerate']);

/** Reads a response to its end. `half`: it broke off, or its body is not what its head says. */
function received(response) {
  const chunks = [];
  response.on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve) => {
    response.on('error', () => {});
    response.on('close', () => {
      const half = { status: response.statusCode, fault: 'half' };
      if (!response.complete) return resolve(half);
      try {
        const body = JSON.parse(Buffer.concat(chunks).toString());
        resolve({ status: response.statusCode, body, set: cookieOf(response) });
      } catch {
        resolve(half);
      }
    });
  });
}

function cookieOf({ headers }) {
  for (const line of headers['set-cookie'] ?? []) {
    const [, value] = /^sid=([^;]*)/.exec(line) ?? [];
    if (value) return value;
  }
}

/** `acknowledged`: done. `refused`: the application says that there is no session (any more). `failed`: the store could
 *  not be asked. `unclean`: any other status. `half` or `unknown`: there was no whole answer. */
function answerOf(status, body, fault) {
  if (fault) return fault === 'half' ? 'half' : 'unknown';
  if (status >= 200 && status < 300) return 'acknowledged';
  if (body.statusCode !== status) return 'unclean';
  if (status === 401 || status === 409) return 'refused';
  return status === 503 ? 'failed' : 'unclean';
}
