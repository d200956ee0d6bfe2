import { callbackAmong } from './call-arguments.js';
import type { Gated, Method, Originals } from './gated-response.js';

/** Changes a body while it streams. */
export interface BodyRewriter {
  /** Takes the next bytes of the body and returns those that can leave now. */
  write(chunk: Buffer): Buffer;
  /** Returns the rest, once the body has ended. */
  end(): Buffer;
}

/** Sends the body of a response through a rewriter, whoever writes it. */
export class RewrittenBody {
  private ended = false;

  constructor(
    private readonly response: Gated,
    /** The methods that send. */
    private readonly original: Originals,
    private readonly rewriter: BodyRewriter,
  ) {}

  /** Handles a call on the response. Calls that Node would refuse, such as a `write` after the end or of a number, go to
   *  Node unchanged. */
  call(method: Method, args: unknown[]): unknown {
    const [chunk] = args;
    if (method === 'write' && !this.ended && isChunk(chunk)) return this.write(chunk, args);
    if (method === 'end' && !this.ended) return this.end(args);
    return this.original[method].apply(this.response, args);
  }

  private write(chunk: Chunk, args: unknown[]): unknown {
    const bytes = this.rewriter.write(toBuffer(chunk, args[1]));
    const callback = callbackAmong(args);
    if (bytes.length) return this.original.write.call(this.response, bytes, callback);
    if (callback) process.nextTick(callback);
    return !this.response.writableNeedDrain;
  }

  private end(args: unknown[]): unknown {
    const [chunk, encoding] = args;
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function' && !isChunk(chunk))
      return this.original.end.apply(this.response, args);
    this.ended = true;
    const first = isChunk(chunk) ? this.rewriter.write(toBuffer(chunk, encoding)) : undefined;
    const last = this.rewriter.end();
    const bytes = first ? Buffer.concat([first, last]) : last;
    return this.original.end.call(this.response, bytes, callbackAmong(args));
  }
}

type Chunk = string | Uint8Array;

const isChunk = (chunk: unknown): chunk is Chunk => typeof chunk === 'string' || chunk instanceof Uint8Array;

/** Returns a chunk's bytes; those of a Uint8Array are not copied. */
function toBuffer(chunk: Chunk, encoding: unknown): Buffer {
  if (typeof chunk === 'string')
    return Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
