import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

const TIMEOUT_MS = 10_000;
/** Bytes of a body that are read: 1 MiB. */
const MAX_BODY = 1_048_576;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** A site's response to one request. */
export interface Visit {
  readonly url: URL;
  readonly status: number;
  /** All Set-Cookie lines. */
  readonly lines: readonly string[];
  /** Returns a header by its name in lower case; empty if it is absent. */
  header(name: string): string;
  /** The body as UTF-8, at most 1 MiB of it. */
  readonly body: string;
}

/** The choices of one request. */
export interface VisitOptions {
  /** Accept any certificate. */
  readonly insecure: boolean;
  /** The Cookie header to send. */
  readonly cookie?: string;
}

/** Reports whether a URL names this machine. */
export const isLoopbackUrl = ({ hostname }: URL): boolean => LOOPBACK.test(hostname);

/** Sends one GET request and follows no redirect. Rejects with the network's error, or with the code `ETIMEDOUT` after ten
 *  seconds. */
export function visit(url: URL, { insecure, cookie }: VisitOptions): Promise<Visit> {
  const headers = {
    accept: 'text/html,*/*',
    'user-agent': 'session-crypto-doctor',
    ...(cookie && { cookie }),
  };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const common = { headers, signal, agent: false as const };
  return new Promise((resolve, reject) => {
    const read = (response: IncomingMessage) => void readVisit(url, response).then(resolve, reject);
    const sent =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...common, rejectUnauthorized: !insecure }, read)
        : httpRequest(url, common, read);
    sent.on('error', (error) => reject(signal.aborted ? timeout() : error)).end();
  });
}

const timeout = (): Error => Object.assign(new Error('no response in time'), { code: 'ETIMEDOUT' });

/** Reads a response. A body that is too large is cut off. */
async function readVisit(url: URL, response: IncomingMessage): Promise<Visit> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BODY) break;
  }
  const { headers, statusCode = 0 } = response;
  return {
    url,
    status: statusCode,
    lines: headers['set-cookie'] ?? [],
    header: (name) => String(headers[name] ?? ''),
    body: Buffer.concat(chunks).toString('utf8', 0, MAX_BODY),
  };
}
