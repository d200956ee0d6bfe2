import type { SessionEventMap } from '../persistence/session-events.js';
import type { SessionService, SessionSummary } from '../session.service.js';
import { isUnsupported } from './census.js';

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
  let failed: string | undefined;
  try {
    const done = await perform(service, wish);
    const devices = action === 'list' ? done.devices : await listed(service, subject);
    return {
      subject,
      devices,
      message: done.text === undefined ? undefined : { wrong: false, text: done.text },
    };
  } catch (error) {
    failed = String((error as { code?: unknown }).code ?? 'ERR_UNKNOWN');
    return { subject, devices: undefined, message: { wrong: true, text: reasonOf(error) } };
  } finally {
    service.events.emit('operatorAction', { session, actor, action, subject, id, failed });
  }
}

interface Done {
  readonly devices?: readonly SessionSummary[];
  readonly text?: string;
}

async function perform(service: SessionService, { action, subject, id }: Wish): Promise<Done> {
  switch (action) {
    case 'list':
      return { devices: await service.list(subject) };
    case 'revoke':
      await service.revoke(id!, { subject });
      return { text: 'The session has ended.' };
    case 'revokeSubject': {
      const ended = await service.revokeSubject(subject);
      return { text: `All sessions have ended; ${ended} of them were stored.` };
    }
  }
}

/** What was done counts, also where nothing can be listed afterwards. */
const listed = (service: SessionService, subject: string): Promise<SessionSummary[] | undefined> =>
  service.list(subject).catch(() => undefined);

const reasonOf = (error: unknown): string =>
  isUnsupported(error)
    ? (error as Error).message
    : 'The store did not answer, so it is not certain whether anything was done. Try again.';
