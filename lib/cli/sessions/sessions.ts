import type { Command } from 'commander';
import type { CommandIo } from '../command-io.interface.js';
import { exits } from '../exits.js';
import { groupOf, withExample } from '../help.js';
import { withSessionFlags } from '../open-sessions.js';
import { countSessions, type CountFlags } from './count-sessions.js';
import { listSessions } from './list-sessions.js';
import { pruneSessions } from './prune-sessions.js';
import { revokeSession, revokeSubject, type RevokeFlags, type SubjectFlags } from './revoke-sessions.js';
import { showSession, type ShowFlags } from './show-session.js';
import type { PrintFlags } from './print-flags.interface.js';
import { watchSessions, type WatchFlags } from './watch-sessions.js';

const SUMMARY = 'show and end stored sessions';
const PRUNE = 'remove every session that has expired, and print how many';

/** `session-crypto sessions`: the sessions in the store, for whoever is on call. `prune` works without the group's name too. */
export function addSessionsCommands(program: Command, io: CommandIo): void {
  const sessions = groupOf(program, 'sessions', SUMMARY);
  const add = (call: string, summary: string, ...examples: string[]) =>
    addTo(sessions, call, summary, ...examples.map((one) => `session-crypto sessions ${one}`));
  add('list <subject>', 'list the live sessions of a subject, the last seen first', 'list ada').action(
    exits((subject: string, flags: PrintFlags) => listSessions(io, subject, flags)),
  );
  add('show <id>', 'show one session: whose it is, its clocks, its device, and what it holds', 'show oY9…8Q')
    .option('--show-data', 'print the values too')
    .action(exits((id: string, flags: ShowFlags) => showSession(io, id, flags)));
  add('revoke <id>', 'end one session', 'revoke oY9…8Q')
    .option('--subject <subject>', 'end it only if it is a session of this subject')
    .action(exits((id: string, flags: RevokeFlags) => revokeSession(io, id, flags)));
  add(
    'revoke-subject <subject>',
    'end all sessions of a subject, and its series of remember-me',
    'revoke-subject ada --except oY9…8Q',
  )
    .option('--except <id>', 'the session that stays')
    .action(exits((subject: string, flags: SubjectFlags) => revokeSubject(io, subject, flags)));
  add('count', 'count the live sessions', 'count --estimate')
    .option('--estimate', 'read a sample of a large table')
    .action(exits((flags: CountFlags) => countSessions(io, flags)));
  add('prune', PRUNE, 'prune').action(exits((flags: PrintFlags) => pruneSessions(io, flags)));
  add(
    'watch',
    'print what changes: the number of sessions, or the sessions of a subject',
    'watch',
    'watch --subject ada --json',
  )
    .option('--subject <subject>', 'print each session of this subject that begins or ends')
    .option('--interval <seconds>', 'the time between two looks', '2')
    .option('--times <n>', 'end after so many looks (default: at an interrupt)')
    .action(exits((flags: WatchFlags) => watchSessions(io, flags)));
  addTo(
    program,
    'prune',
    `${PRUNE}; the same as sessions prune`,
    'session-crypto prune --config dist/session.options.js',
  ).action(exits((flags: PrintFlags) => pruneSessions(io, flags)));
}

const addTo = (group: Command, call: string, summary: string, ...examples: string[]): Command =>
  withExample(
    withSessionFlags(group.command(call).description(summary)).option('--json', 'print JSON'),
    ...examples,
  );
