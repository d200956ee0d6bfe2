import { EXIT } from './exit-codes.js';

type Listens = Pick<NodeJS.WriteStream, 'on'>;

/** Lets a command go on when nobody reads what it writes, as behind `head`: its work and its status stand. Returns a signal that ends
 *  when nobody reads the results, so that a command without an end stops. Another fault of the results ends the process. */
export function followPipes(stdout: Listens, stderr: Listens, exit: (status: number) => void): AbortSignal {
  const closed = new AbortController();
  stderr.on('error', () => undefined);
  stdout.on('error', (error: NodeJS.ErrnoException) =>
    error.code === 'EPIPE' ? closed.abort() : exit(EXIT.io),
  );
  return closed.signal;
}
