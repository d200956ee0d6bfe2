import http from 'node:http';
import net from 'node:net';

/** Milliseconds without a byte after which a request fails its test. */
const PATIENCE = 20_000;

export interface Question {
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as the fields of a form. */
  readonly form?: Readonly<Record<string, string>> | URLSearchParams;
  /** Sent as it is, without a Content-Type. */
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  /** All Set-Cookie lines. */
  readonly cookies: readonly string[];
  readonly bytes: Buffer;
  readonly text: string;
  /** The value, if the text is JSON; otherwise the text. */
  readonly body: unknown;
}

/** Sends a request over a connection of its own and reads the whole response. It follows no redirect, decodes no body and
 *  adds no header except Host and the length and type of a body. The path goes out as it is in `url`. */
export function ask(url: string, question: Question = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = sendRequest(url, question);
    request.on('error', reject);
    request.setTimeout(PATIENCE, () => request.destroy(new Error(`no response from ${url}`)));
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve(answerOf(response, Buffer.concat(chunks))));
    });
  });
}

/** Sends a request and leaves the response to the caller. */
export function sendRequest(
  url: string,
  { method = 'GET', headers, ...rest }: Question = {},
): http.ClientRequest {
  const { host, port, path } = partsOf(url);
  const { type, body } = contentOf(rest);
  const all = { ...(type && { 'content-type': type }), ...headers };
  return http.request({ host, port, path, method, headers: all, agent: false }).end(body);
}

/** Sends bytes as they are, one latin1 character for each byte, and reads until the server closes the connection. */
export function askRaw(url: string, bytes: string): Promise<string> {
  const { host, port } = partsOf(url);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = net.connect(port, host, () => socket.write(bytes, 'latin1'));
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error(`no response from ${url}`)));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

/** The lines that set a cookie of this name. */
export const linesOf = ({ cookies }: Pick<Answer, 'cookies'>, name = 'sid'): string[] =>
  cookies.filter((line) => line.startsWith(`${name}=`));

/** The pair `name=value` that a browser would send back. */
export function cookieOf(answer: Pick<Answer, 'cookies'>, name = 'sid'): string {
  const [line] = linesOf(answer, name);
  if (!line) throw new Error(`no cookie ${name} among ${answer.cookies.length}`);
  return line.split(';')[0]!;
}

/** Not by `URL`, which would normalise the path. */
function partsOf(url: string): { host: string; port: number; path: string } {
  const [, host, port, path] = /^http:\/\/([^/:?#]+):(\d+)(.*)$/.exec(url) ?? [];
  if (!host) throw new Error(`not the address of a server of the tests: ${url}`);
  return { host, port: Number(port), path: path || '/' };
}

function contentOf({ json, form, body }: Question): { type?: string; body?: string | Buffer } {
  if (json !== undefined) return { type: 'application/json', body: JSON.stringify(json) };
  if (form) return { type: 'application/x-www-form-urlencoded', body: String(new URLSearchParams(form)) };
  return { body };
}

function answerOf({ statusCode, headers, rawHeaders }: http.IncomingMessage, bytes: Buffer): Answer {
  const text = bytes.toString();
  const cookies = headers['set-cookie'] ?? [];
  return { status: statusCode!, headers, rawHeaders, cookies, bytes, text, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
