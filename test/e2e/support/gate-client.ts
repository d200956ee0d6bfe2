import http from 'node:http';
import net from 'node:net';

const PATIENCE = 5000;

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  readonly bytes: Buffer;
  /** All Set-Cookie lines. */
  readonly cookies: readonly string[];
}

export interface Question {
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly json?: unknown;
}

/** Asks over a connection of its own, and waits for the whole answer. */
export function ask(port: number, path: string, question: Question = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = send(port, path, question);
    request.on('error', reject);
    request.setTimeout(PATIENCE, () => request.destroy(new Error('no answer')));
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: bytes.toString(),
          bytes,
          cookies: response.headers['set-cookie'] ?? [],
        });
      });
    });
  });
}

/** Asks, and leaves the rest to the caller. */
export function send(port: number, path: string, { method = 'GET', headers, json }: Question = {}) {
  const body = json === undefined ? undefined : JSON.stringify(json);
  const described =
    body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length };
  const request = http.request({
    port,
    host: '127.0.0.1',
    method,
    path,
    agent: false,
    headers: { ...described, ...headers },
  });
  return request.end(body);
}

/** Sends bytes as they are, one latin1 character a byte, and gives what comes back until the server hangs up. */
export function askRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

/** The lines that set a cookie of this name. */
export const linesOf = ({ cookies }: Pick<Answer, 'cookies'>, name = 'sid') =>
  cookies.filter((line) => line.startsWith(`${name}=`));

/** What a browser would send back: `name=value`. */
export function cookieOf(answer: Pick<Answer, 'cookies'>, name = 'sid'): string {
  const [line] = linesOf(answer, name);
  if (!line) throw new Error(`no cookie ${name} among ${answer.cookies.length}`);
  return line.split(';')[0]!;
}
