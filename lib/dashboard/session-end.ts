import type { EndedSession } from '../manager/end-session.js';
import type { Done } from './subject-end.js';

/** Says what became of the end of one session. */
export const sessionDoneOf = (ended: EndedSession): Done => DONE[ended];

const DONE: Readonly<Record<EndedSession, Done>> = {
  ended: { text: 'The session has ended.', sessions: 1 },
  marked: {
    text: 'If the user has this session, it has ended: it is in a cookie, and nobody knows which cookies there are.',
  },
  none: {
    text:
      'No session has ended: this one had ended before, is none of this user, or does not open here. ' +
      'If it is still listed, the end of all sessions of the user ends it.',
    sessions: 0,
  },
};
