import { sessionsOf } from '../request/request-sessions.js';
import type { DashboardRequest } from './dashboard.options.js';
import { visible } from './page/html.js';
import type { ResolvedDashboard } from './resolve-dashboard.js';

/** Characters of a name that an audit trail keeps. */
const LONGEST = 255;

/** Resolves to the name of who has sent a request, as the option `actor` says it; `undefined` if that says nothing. A session that is
 *  asked for it is not prolonged. */
export async function operatorOf(
  actor: ResolvedDashboard['actor'],
  request: DashboardRequest,
): Promise<string | undefined> {
  if (actor === undefined) return undefined;
  const name = actor === 'subject' ? await subjectOf(request) : await actor(request);
  const text = typeof name === 'string' ? visible(name.slice(0, LONGEST)).trim() : '';
  return text || undefined;
}

async function subjectOf(request: DashboardRequest): Promise<string | undefined> {
  return (await sessionsOf(request)?.find()?.load())?.subject;
}
