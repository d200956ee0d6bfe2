import type { SessionManager } from '../../manager/session-manager.js';
import type { SessionData } from '../../record/session-data.interface.js';
import type { Session } from '../../session/session.js';
import { getSessionServiceToken } from '../../session.tokens.js';
import { findEndpoint } from './find-endpoint.js';
import { addressOf, findManager, type TestedApplication, type TestedSession } from './find-manager.js';
import { responseFacts, type TestedResponse } from './response-facts.js';
import { testRequest } from './test-request.js';

/** Resolves to the session that a response has stored or left as it was; to `undefined` if there is none. A response says
 *  nothing of a session that its request brought and that kept its cookie. So pass the request's Cookie header, unless the
 *  response itself knows its request, as those of supertest and `inject` do. Rejects with a SessionStateError where no cookie can
 *  bring a session, since it looks at cookies alone.
 *
 *  The session is read anew. A change of it is stored by `save()`. */
export async function readSession<T = SessionData>(
  app: TestedApplication,
  response: TestedResponse,
  { name, url, cookie }: TestedSession & { readonly cookie?: string } = {},
): Promise<Session<T> | undefined> {
  const manager = findManager(app, name === undefined ? {} : { name });
  const facts = responseFacts(response);
  const jar = jarOf(cookie ?? facts.cookie);
  for (const line of facts.lines) keep(jar, line);
  const header = [...jar].map((pair) => pair.join('=')).join('; ');
  const service = app.get(getSessionServiceToken(manager.name), { strict: false });
  const address = addressOf(manager, url ?? facts.url);
  if (url === undefined && isOverTls(manager, address, jar, facts.lines)) address.protocol = 'https:';
  const request = testRequest(address, header);
  findEndpoint(manager, address, (identify) => identify(request) !== undefined);
  const session = (await service.open(request)) as unknown as Session<T>;
  return session.isNew ? undefined : session;
}

/** A test asks over a plain connection, and a header of a proxy can say that it is secure: a Secure cookie tells it, that of the
 *  response or that of the request. */
function isOverTls(
  manager: SessionManager,
  address: URL,
  jar: ReadonlyMap<string, string>,
  lines: readonly string[],
): boolean {
  if (lines.some((line) => /;\s*secure\b/i.test(line))) return true;
  const { plain, secure } = manager.profileFor(testRequest(address)).options.cookies;
  return secure !== undefined && jar.has(secure.name) && !(plain && jar.has(plain.name));
}

function jarOf(header: string | undefined): Map<string, string> {
  const jar = new Map<string, string>();
  for (const pair of (header ?? '').split(/;\s*/)) put(jar, pair);
  return jar;
}

/** Does with a Set-Cookie line what a browser does, as far as names go. */
function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(/;\s*/);
  if (attributes.some((one) => /^max-age=(?:0|-\d+)$/i.test(one))) jar.delete(pair.split('=', 1)[0]!.trim());
  else put(jar, pair);
}

function put(jar: Map<string, string>, pair: string): void {
  const at = pair.indexOf('=');
  if (at > 0) jar.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
}
