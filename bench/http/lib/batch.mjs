// One batch: a fresh process of each server, all warmed, then slices that go round them.
import { parallelAdds } from './load.mjs';
import { isBare, isOurs } from './roster.mjs';
import { ServerProcess } from './server-process.mjs';
import { slice, Visitors } from './slice.mjs';

/** How long sessions are used: after an hour, the next request of one of ours or of the limit stores that it came, which is no read. */
const FRESH_MS = 3_000_000;

/** Two at a time: this machine may have no more cores. */
async function inPairs(items, work) {
  for (let i = 0; i < items.length; i += 2) await Promise.all(items.slice(i, i + 2).map(work));
}

export class Batch {
  #running = [];

  /** `visitors` is a Map from the name of a server to its visitors, kept from batch to batch. `record` takes each result. */
  constructor(around, visitors, options, record) {
    Object.assign(this, { around, visitors, options, record });
  }

  async run(servers, { node, port }) {
    await this.#start(servers, node, port);
    await this.#each((one) => this.#visit(one));
    await this.#each((one) => this.#warm(one));
    for (let round = 0; round < this.options.rounds; round++) await this.#round(round);
    await this.#each((one) => this.#lost(one));
    for (const one of this.#running) this.record({ kind: 'rss', server: one.server.name, rss: Number(one.rss.toFixed(1)) });
    await Promise.all(this.#running.map((one) => one.stop()));
  }

  /** A server that fails is left out of the rest of its batch, with a message. */
  async #guard(one, work) {
    try {
      await work();
    } catch (error) {
      this.#running = this.#running.filter((other) => other !== one);
      one.child.kill('SIGKILL');
      this.record({ kind: 'fault', server: one.server.name, message: String(error.message ?? error) });
      console.error(`${one.server.name}: ${error.message}. It is left out of this batch.`);
    }
  }

  #each(work) {
    return inPairs([...this.#running], (one) => this.#guard(one, () => work(one)));
  }

  async #start(servers, node, port) {
    await inPairs(servers, async (server) => {
      const place = { node, port: port + 1 + servers.indexOf(server), env: { ...this.around.env, ...this.options.env } };
      const one = new ServerProcess(server, place);
      await this.#guard(one, async () => {
        await one.ready();
        this.#running.push(one);
      });
    });
    this.#running.sort((a, b) => servers.indexOf(a.server) - servers.indexOf(b.server));
  }

  async #visit(one) {
    const { name } = one.server;
    const made = { count: Math.max(...this.options.sessions), size: this.options.size };
    if (performance.now() < this.visitors.get(name)?.until) return;
    const visitors = await Visitors.make(one, made);
    visitors.until = performance.now() + FRESH_MS;
    this.visitors.set(name, visitors);
    this.record({ kind: 'token', server: name, size: this.options.size, bytes: visitors.tokenBytes });
  }

  #slice(one, cell, ms) {
    const { size, connections } = this.options;
    return slice(one, this.visitors.get(one.server.name), this.around.meterOf(one.server), { size, connections, ...cell, ms });
  }

  async #warm(one) {
    const sessions = Math.max(...this.options.sessions);
    const routes = [...new Set(this.options.cells.map(({ route }) => route))].filter((route) => route !== 'R32');
    for (const route of routes) await this.#slice(one, { route, sessions }, (this.options.warm * 1000) / routes.length);
  }

  async #round(round) {
    for (const cell of this.options.cells)
      for (const one of round % 2 ? this.#running.toReversed() : [...this.#running]) {
        if (cell.route === 'R32' && !(isOurs(one.server) && one.server.store === 'postgres')) continue;
        await this.#guard(one, async () => {
          if (this.options.lead) await this.#slice(one, cell, this.options.lead * 1000);
          const figures = await this.#slice(one, cell, this.options.seconds * 1000);
          this.record({ kind: 'slice', server: one.server.name, ...cell, round, ...figures });
        });
      }
  }

  /** Twenty requests of one session at once, each with a key of its own: how many keys are missing. */
  async #lost({ server, port }) {
    if (!this.options.lost || isBare(server)) return;
    const { lost, failed } = await parallelAdds({ ports: [port], size: this.options.size, rounds: 3 });
    this.record({ kind: 'lost', server: server.name, lost, failed });
  }
}
