// One visitor of the soak: begins sessions, uses and ends them, and counts what the application has confirmed.
import { Conn, Jar } from '../http/lib/load.mjs';

const REFUSED = ['length', 'version', 'tag', 'unknown-key'];

/** What all visitors have done together. */
export const newCounts = () => ({
  begun: 0,
  changes: 0,
  reads: 0,
  logins: 0,
  loggedOut: 0,
  revoked: 0,
  withCookie: 0,
  requests: 0,
  wrong: [],
  refused: Object.fromEntries(REFUSED.map((reason) => [reason, 0])),
});

const chance = (share) => Math.random() < share;
const pick = (list) => list[Math.floor(Math.random() * list.length)];

export class Visitor {
  #conns;
  #counts;
  #name;

  constructor(name, ports, counts) {
    this.#name = name;
    this.#conns = ports.map((port) => new Conn(port));
    this.#counts = counts;
  }

  async open() {
    await Promise.all(this.#conns.map((conn) => conn.open()));
  }

  close() {
    for (const conn of this.#conns) conn.close();
  }

  /** One session from its begin to its end, or until the visitor just leaves. Resolves to what he leaves behind: the number that
   *  his session must have, with its cookies; `undefined` if it has ended. */
  async live() {
    const jar = new Jar();
    await this.#ask('begin', jar);
    this.#counts.begun++;
    let changes = 0;
    if (chance(0.5)) changes += await this.#logIn(jar);
    for (let left = 2 + Math.floor(Math.random() * 8); left; left--) changes += await this.#use(jar);
    await this.#expect('read', jar, String(changes));
    this.#counts.reads++;
    if (chance(0.1)) await this.#forge(jar);
    return this.#end(jar, changes);
  }

  async #logIn(jar) {
    await this.#ask(`login?user=${this.#name}-${this.#counts.logins}`, jar);
    this.#counts.logins++;
    return 0;
  }

  /** Reads, or adds one; now and then by two processes at once. */
  async #use(jar) {
    if (chance(0.5)) {
      await this.#ask('read', jar);
      this.#counts.reads++;
      return 0;
    }
    const all = this.#conns.length > 1 && chance(0.2) ? this.#conns : [pick(this.#conns)];
    await Promise.all(all.map((conn) => this.#ask('add', jar, conn)));
    this.#counts.changes += all.length;
    return all.length;
  }

  async #end(jar, changes) {
    const how = Math.random();
    if (how < 0.6) {
      await this.#ask('logout', jar);
      this.#counts.loggedOut++;
    } else if (how < 0.7) {
      const id = await this.#ask('id', jar);
      await this.#ask(`revoke?id=${id}`, new Jar());
      this.#counts.revoked++;
    } else return { jar, changes };
    return undefined;
  }

  /** Sends a cookie that must not open, made from one that does. */
  async #forge(jar) {
    const [, value] = /sid=([\w-]+)/.exec(jar.line);
    const bytes = Buffer.from(value, 'base64url');
    const reason = pick(REFUSED);
    if (reason === 'version') bytes[0] ^= 1;
    if (reason === 'unknown-key') bytes[2] ^= 1;
    if (reason === 'tag') bytes[bytes.length - 1] ^= 1;
    const forged = new Jar();
    forged.set(`sid=${reason === 'length' ? 'nothing' : bytes.toString('base64url')}`, false);
    await this.#expect('read', forged, 'done');
    this.#counts.refused[reason]++;
  }

  async #expect(path, jar, wanted) {
    const body = await this.#ask(path, jar);
    if (body !== wanted) this.#counts.wrong.push(`${path}: ${body} in place of ${wanted}`);
  }

  /** Reads what a session that was left holds now. */
  check({ jar, changes }) {
    this.#counts.reads++;
    return this.#expect('read', jar, String(changes));
  }

  async #ask(path, jar, conn = pick(this.#conns)) {
    if (!conn.sock) await conn.open();
    const hadCookie = jar.line !== '';
    const { status, body } = await conn.get(`/${path}`, jar);
    this.#counts.requests++;
    if (hadCookie) this.#counts.withCookie++;
    if (status !== 200) this.#counts.wrong.push(`${path}: status ${status}`);
    return body;
  }
}
