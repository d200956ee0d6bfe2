import { protocol, type PGlite } from '@electric-sql/pglite';
import { Duplex } from 'node:stream';

type Done = (error?: Error | null) => void;

const { serialize } = protocol;
/** The message by which a client says goodbye. */
const TERMINATE = serialize.end();
/** Ends what a client leaves behind: an open transaction, and its prepared statements. */
const RESET = Buffer.concat([serialize.query('ROLLBACK'), serialize.query('DISCARD ALL')]);

/** Takes the place of the socket of a `pg` client, and passes its messages to a PGlite in this process:
 *
 *      new pg.Pool({ max: 1, stream: () => new PGliteStream(pglite) })
 *
 *  PGlite is one database session, so there must be one client at a time. The `pg` client writes whole messages, so
 *  this class does not cut them. */
export class PGliteStream extends Duplex {
  private left: Promise<void> | undefined;

  constructor(private readonly pglite: PGlite) {
    super({ allowHalfOpen: false });
  }

  connect(): this {
    queueMicrotask(() => this.emit('connect'));
    return this;
  }

  override _read(): void {}

  override _write(messages: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.forward(messages).then(() => done(), done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.forward(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(() => done(), done);
  }

  override _final(done: Done): void {
    this.push(null);
    done();
  }

  /** A client that breaks off says no goodbye. */
  override _destroy(error: Error | null, done: Done): void {
    this.leave().then(() => done(error), done);
  }

  private async forward(messages: Buffer): Promise<void> {
    if (messages.equals(TERMINATE)) return this.leave();
    this.push(Buffer.from(await this.execute(messages)));
    await new Promise(setImmediate); // PGlite works on this thread, and timers and sockets need their turn
  }

  /** The database session stays when a client leaves, so it is made ready for the next one. */
  private leave(): Promise<void> {
    return (this.left ??= this.execute(RESET).then(() => undefined));
  }

  private execute(messages: Uint8Array): Promise<Uint8Array> {
    return this.pglite.runExclusive(() => this.pglite.execProtocolRaw(messages));
  }

  // The client also calls these methods of a socket.
  setNoDelay = (): this => this;
  setKeepAlive = (): this => this;
  setTimeout = (): this => this;
  ref = (): this => this;
  unref = (): this => this;
}
