// One slice of load on one server, and what it cost.
import { makeSessions, run } from './load.mjs';
import { cpuUs } from './proc.mjs';
import { isBare, ROUTES } from './roster.mjs';

const PATIENCE_MS = 15_000;
const digits = (body) => /^\d+$/.test(body);

/** The cookies of the visitors of a server. Slices go on round them where the last one stopped, so that all get their turn. */
export class Visitors {
  #at = 0;

  constructor(jars) {
    this.jars = jars;
  }

  static async make(running, { count, size }) {
    const made = makeSessions({ ports: [running.port], count, size });
    const jars = await running.before(made, 600_000, `it made no ${count} sessions within 10 minutes`);
    if (!isBare(running.server) && jars.some(({ line }) => !line)) throw new Error('it gave a new visitor no cookie');
    return new Visitors(jars);
  }

  /** Bytes of the value of the first cookie of a visitor. */
  get tokenBytes() {
    return /=([^;\r]*)/.exec(this.jars[0].line)?.[1].length ?? 0;
  }

  /** Each connection goes round a part of its own: two requests at once never change one session. */
  nextOf(count, connections) {
    const part = Math.max(1, Math.floor(count / connections));
    const start = this.#at;
    let sent = 0;
    return (i) => {
      let k = start;
      return () => {
        this.#at = start + Math.ceil(++sent / connections);
        return this.jars[(i * part + (k++ % part)) % count];
      };
    };
  }
}

/** Microseconds and counts for each request. Throws when the server ends, hangs or answers nothing. */
export async function slice(running, visitors, meter, { route, ms, size, sessions, connections }) {
  const { path, sends, counts, connections: fixed } = ROUTES[route];
  const conns = fixed ?? connections;
  const nextOf = sends ? visitors.nextOf(sessions, conns) : () => () => null;
  const check = counts && !isBare(running.server) ? digits : undefined;
  const stop = await meter();
  const before = cpuUs(running.pid);
  const load = run({ ports: [running.port], path: path(size), conns, ms, nextOf, check });
  const { n, errors, bad, ...rest } = await running.before(load, ms + PATIENCE_MS, `it hung at ${path(size)}`);
  const cpu = cpuUs(running.pid) - before;
  const store = await stop();
  if (!n) throw new Error(`it gave no answer at ${path(size)}`);
  const per = (sum) => Number((sum / n).toFixed(3));
  const figures = { cpu: per(cpu), store: per(store.cpu), sql: per(store.sql), wal: per(store.wal) };
  return { n, errors, wrong: bad, ...figures, setCookie: per(rest.setCookie * n), cookie: per(rest.cookie * n), p50: rest.p50, p99: rest.p99 };
}
