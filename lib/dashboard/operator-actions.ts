import type { SessionEventMap } from '../persistence/session-events.js';
import type { SessionService, SessionSummary } from '../session.service.js';
import { isUnsupported } from './census.js';
import { sessionDoneOf } from './session-end.js';
import { codeOfFailure, doneOf, type Done } from './subject-end.js';

type Action = SessionEventMap['operatorAction']['action'];

/** What a form asks for. */
export interface Wish {
  readonly action: Action;
  readonly subject: string;
  /** {@link Session.id} of the session to be revoked. */
  readonly id: string | undefined;
}

/** What became of it. */
export interface Outcome {
  readonly subject: string;
  /** `undefined` if the store cannot list, or has failed. */
  readonly devices: readonly SessionSummary[] | undefined;
  /** Browsers in which remember-me logs the subject in; `undefined` where there is no remember-me, `NaN` if its store has failed. */
  readonly remembered: number | undefined;
  readonly message: { readonly wrong: boolean; readonly text: string } | undefined;
}

/** {@link Session.id}. */
const ID = /^[\w-]{1,64}$/;
const ACTIONS: readonly string[] = ['list', 'revoke', 'revokeSubject'] satisfies Action[];

/** Reads a form; `undefined` if it asks for nothing that is known. */
export function wishOf(form: Readonly<Record<string, unknown>>): Wish | undefined {
  const { action, subject, id } = form;
  if (typeof action !== 'string' || !ACTIONS.includes(action) || typeof subject !== 'string' || !subject)
    return undefined;
  if (action !== 'revoke') return { action: action as Action, subject, id: undefined };
  return typeof id === 'string' && ID.test(id) ? { action, subject, id } : undefined;
}

/** Does what an operator wishes, and emits the event that names him, also if it fails. */
export async function act(
  service: SessionService,
  session: string,
  actor: string,
  wish: Wish,
): Promise<Outcome> {
  const { action, subject, id } = wish;
  const deed = await perform(service, wish).catch(failureOf);
  const { devices, sessions, series, failed } = deed;
  const detail = { session, actor, action, subject, id, sessions, series, failed };
  service.events.emit('operatorAction', detail);
  const remembered = await service.countSeries(subject).catch(() => NaN);
  const message = messageOf(action, deed, remembered);
  const isListed = devices !== undefined || failed !== undefined;
  return { subject, devices: isListed ? devices : await listed(service, subject), remembered, message };
}

/** Says what was done. That a browser may come back is worth a word where one session may have ended. */
function messageOf(action: Action, deed: Deed, remembered: number | undefined): Outcome['message'] {
  const { text, sessions, failed } = deed;
  if (text === undefined) return undefined;
  const isOne = action === 'revoke';
  const wrong = failed !== undefined || (isOne && sessions === 0);
  return { wrong, text: isOne && !wrong ? text + comeback(remembered) : text };
}

interface Deed extends Done {
  readonly devices?: readonly SessionSummary[];
}

async function perform(service: SessionService, { action, subject, id }: Wish): Promise<Deed> {
  switch (action) {
    case 'list':
      return { devices: await service.list(subject) };
    case 'revoke':
      return sessionDoneOf(await service.endSession(id!, subject));
    case 'revokeSubject':
      return doneOf(await service.endSubject(subject));
  }
}

const failureOf = (error: unknown): Deed => ({ text: reasonOf(error), failed: codeOfFailure(error) });

/** No session says by which series it began, so the end of one session ends no series. */
const comeback = (remembered: number | undefined): string =>
  remembered === undefined || remembered === 0
    ? ''
    : ` Remember-me logs this user in again by itself, in ${browsersText(remembered)}, and nobody knows whether this session was ` +
      'in one of them. The end of all sessions ends that too.';

/** `NaN` for a number that is not known. */
export const browsersText = (count: number): string => {
  if (Number.isNaN(count)) return 'an unknown number of browsers';
  return count === 1 ? '1 browser' : `${count} browsers`;
};

/** What was done counts, also where nothing can be listed afterwards. */
const listed = (service: SessionService, subject: string): Promise<SessionSummary[] | undefined> =>
  service.list(subject).catch(() => undefined);

const reasonOf = (error: unknown): string =>
  isUnsupported(error)
    ? (error as Error).message
    : 'The store did not answer, so it is not certain whether anything was done. Try again.';
