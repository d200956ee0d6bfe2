import type { PGlite } from '@electric-sql/pglite';
import { Duplex } from 'node:stream';
import { FrontendMessages } from './frontend-messages.js';

type Done = (error?: Error | null) => void;

/** Milliseconds after which timers and sockets get their turn: PGlite works on the main thread. */
const PATIENCE = 5;

/** Stands where the `pg` client expects a socket, and talks to a PGlite in this process:
 *
 *      new pg.Pool({ max: 1, stream: () => new PGliteStream(pglite) })
 *
 *  PGlite is one session, so there must be one client. When it goes, the database stays. */
export class PGliteStream extends Duplex {
  private readonly messages = new FrontendMessages();
  private yieldAt = 0;

  constructor(private readonly pglite: PGlite) {
    super({ allowHalfOpen: false });
  }

  connect(): this {
    this.pglite.waitReady.then(
      () => this.emit('connect'),
      (error: Error) => this.destroy(error),
    );
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.forward(chunk).then(() => done(), done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'buffer' as BufferEncoding, done);
  }

  override _final(done: Done): void {
    this.push(null);
    done();
  }

  private async forward(chunk: Buffer): Promise<void> {
    const batch = this.messages.take(chunk);
    if (batch) await this.answer(batch);
    if (this.messages.closed) await this.leave();
  }

  /** The session goes on without this client: its prepared statements must not meet those of the next one. */
  private async leave(): Promise<void> {
    await this.pglite.exec('DISCARD ALL');
    this.push(null);
  }

  private async answer(batch: Buffer): Promise<void> {
    const answer = await this.pglite.runExclusive(() => this.pglite.execProtocolRaw(batch));
    if (answer.length) this.push(Buffer.from(answer));
    if (performance.now() < this.yieldAt) return;
    await new Promise(setImmediate);
    this.yieldAt = performance.now() + PATIENCE;
  }

  // What a socket can do besides, and the client asks for.
  setNoDelay = (): this => this;
  setKeepAlive = (): this => this;
  setTimeout = (): this => this;
  ref = (): this => this;
  unref = (): this => this;
}
