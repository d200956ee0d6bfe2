import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

const TIMEOUT_MS = 10_000;
const MAX_BODY = 1_048_576;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** What a site answered. */
export interface Visit {
  readonly url: URL;
  readonly status: number;
  /** All Set-Cookie lines. */
  readonly lines: readonly string[];
  header(name: string): string;
  /** At most 1 MiB of it. */
  readonly body: string;
}

export interface VisitOptions {
  /** Take any certificate. */
  readonly insecure: boolean;
  readonly cookie?: string;
}

export const isLoopbackUrl = ({ hostname }: URL): boolean => LOOPBACK.test(hostname);

/** Asks once and follows nothing. Rejects with the network's own error, or when ten seconds have gone. */
export function visit(url: URL, { insecure, cookie }: VisitOptions): Promise<Visit> {
  const headers = {
    accept: 'text/html,*/*',
    'user-agent': 'session-crypto-doctor',
    ...(cookie && { cookie }),
  };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const common = { headers, signal, agent: false as const };
  return new Promise((resolve, reject) => {
    const answer = (response: IncomingMessage) => void readVisit(url, response).then(resolve, reject);
    const sent =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...common, rejectUnauthorized: !insecure }, answer)
        : httpRequest(url, common, answer);
    sent.on('error', (error) => reject(signal.aborted ? timeout() : error)).end();
  });
}

const timeout = (): Error => Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });

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
