import { printable } from '../../errors/printable.js';
import type { CommandIo } from '../command-io.interface.js';
import { EXIT } from '../exit-codes.js';
import { painted, printFacts } from '../print-table.js';
import { jsonOf } from '../printable.js';
import { durationOf, secondOf } from '../times.js';
import type {
  ExplainedContext,
  ExplainedKey,
  ExplainedRow,
  Explanation,
  Verdict,
} from './explanation.interface.js';
import { shownName } from './foreign-cookies.js';

const PAINTS = {
  accepted: 'green',
  ended: 'yellow',
  unknown: 'yellow',
  refused: 'red',
  foreign: 'red',
} as const;

/** Prints an explanation, the verdict first. */
export function printExplanation(io: CommandIo, explanation: Explanation): void {
  const { name, verdict, why, remedy, data } = explanation;
  io.out(`${painted(io, 'bold', shownName(name))}  ${painted(io, PAINTS[verdict], verdict)}\n`);
  printFacts(
    io,
    [
      ['why', why],
      ['do', remedy],
      ['format', explanation.format],
      ['key', explanation.key && keyText(explanation.key)],
      ['epoch', explanation.epoch],
      ['sealed for', explanation.context && contextText(explanation.context)],
      ['row', explanation.row && rowText(explanation.row)],
      ...sessionRows(explanation),
    ].filter((row): row is [string, string] => row[1] !== undefined),
  );
  if (data) io.out(`data ${jsonOf(data)}`);
}

function keyText({ hint, place, of, seals, state }: ExplainedKey): string {
  if (place === undefined) return `${hint}, ${state ?? 'not in the ring'}`;
  return [hint, `${place} of ${of}`, seals ? 'seals' : 'opens only', state].filter(Boolean).join(', ');
}

const contextText = ({ purpose, store, name, tenant, audience, options }: ExplainedContext): string =>
  [
    store === 'cookie'
      ? `cookie ${name}`
      : `${store}, ${store === 'sealer' ? 'createSealer()' : `cookie ${name}`}`,
    purpose !== 'session' && `purpose ${purpose}`,
    audience && `audience ${audience}`,
    tenant && `tenant ${tenant}`,
    options ?? 'by no options of this application',
  ]
    .filter(Boolean)
    .join(', ');

function rowText(row: ExplainedRow): string {
  const { id, state, version, sealedBy, deadline, movedAt, moved, successor } = row;
  return [
    `${state} ${id}`,
    version !== undefined && `version ${version}`,
    sealedBy && `sealed by ${sealedBy}`,
    deadline && `kept until ${secondOf(deadline)}`,
    movedAt && `moved ${secondOf(movedAt)} (${MOVES[moved!]})`,
    successor && `then ${rowText(successor)}`,
  ]
    .filter(Boolean)
    .join(', ');
}

const MOVES = {
  periodic: 'renewed',
  asked: 'regenerate()',
  login: 'login',
  relogin: 'login again',
} as const;

function sessionRows({ session, row }: Explanation): [string, string | undefined][] {
  if (!session) return [];
  const { now } = session;
  const since = (time: Date) =>
    `${secondOf(time)}, ${durationOf((now.getTime() - time.getTime()) / 1000)} ago`;
  return [
    ['session', row ? undefined : session.id],
    [
      'logged in',
      session.authenticatedAt ? `since ${since(session.authenticatedAt)}` : session.loggedIn ? 'yes' : 'no',
    ],
    ['created', since(session.createdAt)],
    ['id made', since(session.idIssuedAt)],
    ['last seen', since(session.lastSeenAt)],
    ['idle end', session.idleEnd ? secondOf(session.idleEnd) : 'none'],
    ['absolute end', session.absoluteEnd ? secondOf(session.absoluteEnd) : 'none'],
    ['ends', endText(session)],
  ];
}

function endText({ endsAt, endsIn, endedBy }: NonNullable<Explanation['session']>): string {
  if (!endsAt || endsIn === undefined) return 'never';
  const when = endsIn > 0 ? `in ${durationOf(endsIn)}` : `${durationOf(-endsIn)} ago`;
  return `${when}, by the ${endedBy}, at ${secondOf(endsAt)}`;
}

const BEST: readonly Verdict[] = ['accepted', 'ended', 'unknown'];

/** Returns the exit status: that of the best cookie, since one is enough for a request. */
export function statusOf(explanations: readonly Explanation[]): number {
  const best = BEST.find((verdict) => explanations.some((one) => one.verdict === verdict));
  if (best === 'accepted') return EXIT.ok;
  if (best === 'ended') return EXIT.findings;
  return best === 'unknown' ? EXIT.unavailable : EXIT.data;
}

/** Returns the sentence for a cookie that brings no session. */
export const sentenceOf = ({ name, why, remedy }: Explanation): string =>
  printable(`${shownName(name)}: ${why}${remedy ? `; ${remedy}` : ''}`);
