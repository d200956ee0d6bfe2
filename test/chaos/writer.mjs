// One of the four writers: what it does next is chosen by a seed. It changes a session that all writers share, and a session
// of its own that it begins, logs in, moves and ends.
import { Client, Jar, MOVES } from './client.mjs';
import { pick, seeded } from './random.mjs';

const SHARED = { increment: 3, stream: 1, set: 2, read: 2 };
const OWN = { increment: 3, stream: 1, set: 2, read: 2, login: 1.5, regenerate: 1.5, logout: 1 };
const CHANCE_OF_SHARED = 0.45;

export class Writer {
  #random;
  #own;
  #begun = 0;
  #turn;
  #failures = 0;
  /** A request that must come next, since what happened before asks for it. */
  #next;

  constructor(world, index) {
    this.name = `w${index}`;
    this.apps = world.apps;
    this.client = new Client(world.journal, this.name);
    this.#random = seeded(world.seed * 31 + index);
    this.#turn = index;
  }

  /** Begins a round: forgets its own session, and takes a cookie of the shared one. */
  enter(round, shared) {
    this.round = round;
    this.shared = shared.copy();
    this.#own = undefined;
    this.#next = undefined;
    /** The jars of all its sessions, and old cookies of theirs, for the checker. */
    this.kept = [];
  }

  /** Sends one request, to the other process than the last time. */
  step() {
    const next = this.#next ?? this.#choose();
    this.#next = undefined;
    return next();
  }

  send(op, jar, facts) {
    const app = this.apps[this.#turn++ % this.apps.length];
    return this.client.send(app, op, jar, { round: this.round, ...facts });
  }

  #choose() {
    if (this.#random() < CHANCE_OF_SHARED) return () => this.send(pick(this.#random, SHARED), this.shared);
    if (!this.#own) return () => this.#begin();
    const op = pick(this.#random, OWN);
    return () => (op === 'read' ? this.send(op, this.#own) : this.#change(op));
  }

  async #begin() {
    const jar = new Jar(`${this.round}-${this.name}-${this.#begun++}`);
    const line = await this.send('begin', jar);
    if (line.answer === 'acknowledged') this.#keep((this.#own = jar));
    return line;
  }

  async #change(op) {
    const jar = this.#own;
    const before = jar.copy();
    const line = await this.send(op, jar);
    if (line.answer !== 'acknowledged') this.#leaveAfter(op);
    else if (MOVES.has(op)) this.#tryOld(before);
    else if (op === 'logout') {
      this.#own = undefined;
      this.#tryOld(before);
    }
    return line;
  }

  /** Nobody knows what came of the request. After a move or a logout the session stays as it is for the checker; after
   *  another change so does every second one, and the others go on. */
  #leaveAfter(op) {
    const isOpen = !MOVES.has(op) && op !== 'logout';
    if (!isOpen || this.#failures++ % 2) this.#own = undefined;
  }

  /** Uses a cookie that must be dead now, at once and in the end. */
  #tryOld(before) {
    this.#keep(before);
    this.#next = () => this.send('read', before.copy(), { old: true });
  }

  #keep(jar) {
    this.kept.push(jar);
  }
}
