import type { AnyFunction, Gated, Method } from './gated-response.js';

/** Changes a body as it streams by. */
export interface BodyRewriter {
  /** What can leave now. */
  write(chunk: Buffer): Buffer;
  /** What is left. */
  end(): Buffer;
}

/** Sends the body of a response through a rewriter, whoever writes it. */
export class RewrittenBody {
  private ended = false;

  constructor(
    private readonly response: Gated,
    private readonly below: Readonly<Record<Method, AnyFunction>>,
    private readonly rewriter: BodyRewriter,
  ) {}

  call(method: Method, args: unknown[]): unknown {
    if (method === 'write' && this.isOpen(args[0])) return this.write(args as [Chunk, ...unknown[]]);
    if (method === 'end' && !this.ended) return this.end(args);
    return this.below[method].apply(this.response, args);
  }

  /** All else is for Node to refuse. */
  private isOpen(chunk: unknown): boolean {
    return !this.ended && isChunk(chunk);
  }

  private write([chunk, ...rest]: [Chunk, ...unknown[]]): unknown {
    const bytes = this.rewriter.write(toBuffer(chunk, rest[0]));
    const callback = rest.find((arg) => typeof arg === 'function') as (() => void) | undefined;
    if (bytes.length) return this.below.write.call(this.response, bytes, callback);
    if (callback) process.nextTick(callback);
    return !this.response.writableNeedDrain;
  }

  private end(args: unknown[]): unknown {
    const [chunk, encoding] = args;
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function' && !isChunk(chunk))
      return this.below.end.apply(this.response, args);
    this.ended = true;
    const first = isChunk(chunk) ? this.rewriter.write(toBuffer(chunk, encoding)) : undefined;
    const last = this.rewriter.end();
    const callback = args.find((arg) => typeof arg === 'function');
    return this.below.end.call(this.response, first ? Buffer.concat([first, last]) : last, callback);
  }
}

type Chunk = string | Uint8Array;

const isChunk = (chunk: unknown): chunk is Chunk => typeof chunk === 'string' || chunk instanceof Uint8Array;

function toBuffer(chunk: Chunk, encoding: unknown): Buffer {
  if (typeof chunk === 'string')
    return Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
