import type { ForeignRow } from '../../manager/read-foreign.js';
import type { RedisServer, Send } from '../../stores/redis/client.interface.js';
import { reasonOf } from '../../stores/redis/reply-error.js';
import { patternOf } from '../../stores/redis/scan-names.js';
import { CommandError } from '../command.error.js';
import { EXIT } from '../exit-codes.js';
import type { SessionSource, SourcePage } from './session-source.interface.js';

interface RedisPlace {
  readonly prefix?: string;
  readonly database: string;
  /** Milliseconds since 1970. */
  now(): number;
  end(): Promise<unknown>;
}

/** What INFO calls the run of a server. SCAN's order of keys is another one in each. */
const RUN_ID = /^run_id:(\w+)/m;

/** The sessions of connect-redis: texts of JSON with a time to live. */
export class RedisSource implements SessionSource {
  readonly name: string;
  private run = '';

  private constructor(
    private readonly send: Send,
    private readonly prefix: string,
    readonly database: string,
    private readonly now: () => number,
    private readonly end: () => Promise<unknown>,
  ) {
    this.name = `connect-redis ${prefix}*`;
  }

  /** Asks the server first. Rejects with a CommandError if it is a Cluster, of which one client here sees a part. */
  static async open(
    server: RedisServer,
    { prefix = 'sess:', database, now, end }: RedisPlace,
  ): Promise<RedisSource> {
    const [send] = await server.primaries();
    const source = new RedisSource(send!, prefix, database, now, end);
    const facts = String(await source.ask('INFO'));
    if (facts.includes('cluster_enabled:1'))
      throw new CommandError(
        EXIT.data,
        'the server is one of a Redis Cluster, of which convert would see a part; let the old application move to one server, or let crypto.accept take its sessions over one by one',
      );
    source.run = RUN_ID.exec(facts)?.[1] ?? '';
    return source;
  }

  /** Empty where a hosted service does not say it. */
  get serverRun(): string {
    return this.run;
  }

  /** The number of all keys of the database. */
  async count(): Promise<number> {
    return Number(await this.ask('DBSIZE'));
  }

  async *pages(after: string | undefined, size: number): AsyncGenerator<SourcePage> {
    const pattern = patternOf(this.prefix);
    let place = after ?? '0';
    do {
      const found = await this.ask('SCAN', place, 'MATCH', pattern, 'COUNT', String(size));
      const [next, keys] = found as [Buffer, Buffer[]];
      place = next.toString();
      const rows = await Promise.all([...new Set(keys.map(String))].map((key) => this.read(key)));
      yield { rows: rows.filter((row) => row !== undefined), place };
    } while (place !== '0');
  }

  async alive(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const found = await Promise.all(ids.map((id) => this.ask('EXISTS', `${this.prefix}${id}`)));
    return new Set(ids.filter((_, i) => Number(found[i]) === 1));
  }

  async close(): Promise<void> {
    await this.end();
  }

  /** Reads one session; `undefined` for one that has ended meanwhile. A key of another type has no text. */
  private async read(key: string): Promise<ForeignRow | undefined> {
    const [text, left] = await Promise.all([
      this.ask('GET', key).catch((error: unknown) => {
        if (error instanceof WrongType) return undefined;
        throw error;
      }),
      this.ask('PTTL', key).then(Number),
    ]);
    if (text === null || left === -2) return undefined;
    return {
      id: key.slice(this.prefix.length),
      text: text === undefined ? undefined : String(text),
      expiresAt: left < 0 ? undefined : Math.ceil((this.now() + left) / 1000),
    };
  }

  private async ask(...args: string[]): Promise<unknown> {
    try {
      return await this.send(args);
    } catch (error) {
      throw redisFault(error, `${this.prefix}*`);
    }
  }
}

/** A key holds something that is no text. */
class WrongType extends CommandError {
  constructor() {
    super(EXIT.data);
  }
}

/** Returns the CommandError for what Redis, or the way to it, has said. */
export function redisFault(error: unknown, keys: string): CommandError {
  const word = reasonOf(error);
  if (word === 'WRONGTYPE') return new WrongType();
  if (['NOPERM', 'NOAUTH', 'WRONGPASS'].includes(word))
    return new CommandError(
      EXIT.noPermission,
      `Redis refuses this user (${word}); let it run SCAN, GET, PTTL, EXISTS and INFO on ${keys}, and check the address`,
    );
  return new CommandError(
    EXIT.unavailable,
    `the Redis of the old sessions does not answer (${word}); check that it runs, and its address`,
  );
}
