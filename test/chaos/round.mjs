// One round: four writers at work, one fault among them, and a look at everything when all is calm again.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Jar } from './client.mjs';
import { now } from './journal.mjs';

/** Requests of all writers before the fault strikes: at least so many, and less than twice as many. */
const BEFORE = 24;
/** Requests that each writer must have answered in a row after the fault. */
const AFTER = 10;
/** Milliseconds that a client waits after a 503. */
const PAUSE = 50;
/** Milliseconds after the last answer after which nothing may happen to a session any more. */
export const LATE = 1000;
/** Milliseconds after the end of a fault after which a round is given up. */
const GIVE_UP = 30_000;

export async function runRound(world, fault, index) {
  const round = new Round(world, fault, `r${index}`);
  await round.duel();
  await Promise.all([round.harm(), ...world.writers.map((writer) => round.work(writer))]);
  await round.contest(index % 2 ? 'logout' : 'regenerate');
  await round.look();
  return round;
}

class Round {
  #sent = 0;
  #failed = 0;
  #acknowledged = 0;
  #beganAt;
  #endedAt;
  #streaks = new Map();
  #strike;
  #struck = new Promise((resolve) => (this.#strike = resolve));

  constructor(world, fault, name) {
    this.world = world;
    this.fault = fault;
    this.name = name;
    this.strikesAt = BEFORE + Math.floor(world.random() * BEFORE);
    this.shared = new Jar(`${name}-shared`);
    this.client = new Client(world.journal, `${name}c`);
  }

  /** Two processes hold the session before either saves; then both save, one after the other. */
  async duel() {
    const { apps, writers } = this.world;
    const facts = { round: this.name };
    await this.client.send(apps[0], 'begin', this.shared, facts);
    for (const writer of writers) writer.enter(this.name, this.shared);
    const answers = [];
    for (const app of apps) {
      const held = app.held();
      answers.push(this.client.send(app, 'held', this.shared.copy(), facts));
      await Promise.race([held, answers.at(-1)]);
    }
    for (const [i, app] of apps.entries()) {
      app.goOn();
      await answers[i];
    }
  }

  /** Lets the fault strike once the writers have sent enough, and takes it away again. */
  async harm() {
    const { fault, world } = this;
    await this.#struck;
    const didStrike = await this.#begin();
    if (fault.until) await this.#until(() => this.#failed >= fault.until, now());
    if (fault.acknowledges) await this.#acknowledge(fault.acknowledges);
    if (fault.lasts) await sleep(fault.lasts);
    if (fault.holds) await this.#lookDuring();
    const lost = await fault.end?.(world);
    if (lost) world.journal.add({ type: 'lost', round: this.name, ...lost });
    this.#endedAt = now();
    const { name, known = false, spares = false, slow = false, closed = false, within } = fault;
    const facts = {
      fault: name,
      known,
      spares,
      slow,
      closed,
      within,
      didStrike,
      began: this.#beganAt,
      ended: this.#endedAt,
    };
    world.journal.add({ type: 'round', round: this.name, ...facts });
  }

  async #begin() {
    const { fault, world } = this;
    const strike = (pair) => {
      this.#beganAt = now();
      return fault.strike ? fault.strike(pair) : fault.begin(world);
    };
    if (!fault.statement) {
      await strike();
      return true;
    }
    let didStrike = false;
    world.proxy.ambush(fault.statement, fault.when, (pair) => {
      didStrike = true;
      strike(pair);
    });
    await this.#until(() => didStrike, now());
    world.proxy.disarm();
    return didStrike;
  }

  #acknowledge(count) {
    const enough = this.#acknowledged + count;
    return this.#until(() => this.#acknowledged >= enough, now());
  }

  async #until(isSo, since) {
    while (!isSo() && now() < since + GIVE_UP) await sleep(5);
  }

  /** One writer sends requests until the fault is over and enough of them were answered. */
  async work(writer) {
    while (!this.#isDone(writer)) {
      if (this.#sent++ === this.strikesAt) this.#strike();
      const line = await writer.step();
      this.#note(writer, line);
      if (line.answer !== 'acknowledged') await sleep(PAUSE);
    }
  }

  #note(writer, line) {
    if (line.answer === 'failed') this.#failed++;
    if (line.answer === 'acknowledged') this.#acknowledged++;
    const isGood = line.answer === 'acknowledged' && this.#endedAt && line.startedAt > this.#endedAt;
    this.#streaks.set(writer, isGood ? (this.#streaks.get(writer) ?? 0) + 1 : 0);
  }

  #isDone(writer) {
    if (!this.#endedAt) return false;
    return this.#streaks.get(writer) >= AFTER || now() > this.#endedAt + GIVE_UP;
  }

  /** One writer ends or moves the shared session while the others still change it. */
  contest(op) {
    const [first, ...others] = this.world.writers;
    const facts = { contest: true };
    return Promise.all([
      first.send(op, first.shared, facts),
      ...others.flatMap((other) => [
        other.send('increment', other.shared, facts),
        other.send('set', other.shared, facts),
      ]),
    ]);
  }

  /** While the fault keeps back what was answered 503 long ago: whatever is not there now must not come later. */
  async #lookDuring() {
    await this.#snapshot('during');
    await this.observe('during');
  }

  /** When nothing can happen any more: the rows, every session by each of its cookies, and the rows again. */
  async look() {
    await sleep(LATE);
    await this.#snapshot('calm');
    await this.observe('calm');
    await this.#snapshot('calm');
    this.client.close();
  }

  /** Every cookie of the round that the checker still needs. */
  get #jars() {
    return this.world.writers.flatMap(({ kept, shared }) => [...kept, shared]).map((jar) => jar.copy());
  }

  /** Reads every session past the proxy, with every cookie that was kept. */
  async observe(when) {
    const { observer, client } = this.world;
    if (when !== 'end') this.jars = this.#jars;
    for (const jar of this.jars)
      for (let attempt = 0; attempt < 5; attempt++) {
        const facts = { round: this.name, when };
        const line = await client.send(observer, 'observe', jar.copy(), facts);
        if (line.answer === 'acknowledged') break;
        await sleep(PAUSE);
      }
  }

  async #snapshot(when) {
    const { journal, snapshot } = this.world;
    journal.add({ type: 'snapshot', round: this.name, when, ...(await snapshot()) });
  }
}
