import type { CommandIo } from '../command-io.interface.js';
import { CommandError } from '../command.error.js';
import { EXIT } from '../exit-codes.js';
import type { SessionFlags } from '../open-sessions.js';
import { jsonOf } from '../printable.js';
import { readCookies, type PastedCookie } from './cookie-text.js';
import { shapeOf } from './cookie-shape.js';
import { explainCookie } from './explain-cookie.js';
import type { Explanation, ExplainOptions } from './explanation.interface.js';
import { withKeys } from './open-keys.js';
import { placesOf, unique, type Place } from './places.js';
import { printExplanation, sentenceOf, statusOf } from './print-explanation.js';
import { MAX_HEADER, readInput } from './read-input.js';

/** The flags of `explain` and `open`. */
export interface LookFlags extends SessionFlags {
  readonly json?: boolean;
  readonly showData?: boolean;
  readonly name?: readonly string[];
  readonly audience?: readonly string[];
  readonly tenant?: readonly string[];
}

/** Cookies that are explained, at most. */
const MAX_EXPLAINED = 10;

/** Explains the cookies on standard input. Resolves to 0 if one of them brings a session, 1 if its session has ended, and 65 if none
 *  is ours or opens. */
export async function explainInput(io: CommandIo, flags: LookFlags): Promise<number> {
  const { explained, others } = await explainAll(io, flags, flags.showData === true);
  if (flags.json) io.out(jsonOf({ cookies: explained, others }));
  else {
    for (const one of explained) printExplanation(io, one);
    if (others) io.out(`${others} other ${others === 1 ? 'cookie was' : 'cookies were'} not looked at\n`);
  }
  return statusOf(explained);
}

/** Prints what the session of the first accepted cookie holds. Rejects with a CommandError if there is none. */
export async function openInput(io: CommandIo, flags: LookFlags): Promise<number> {
  const { explained } = await explainAll(io, flags, true);
  const opened = explained.find(({ verdict, data }) => verdict === 'accepted' && data);
  if (!opened) throw new CommandError(refusal(explained), sentenceOf(explained[0]!));
  const { session, data } = opened;
  io.out(jsonOf({ ...session, ...data }));
  return EXIT.ok;
}

/** A cookie that does not open is wrong data, also where its session has only ended. */
const refusal = (explained: readonly Explanation[]): number =>
  statusOf(explained) === EXIT.unavailable ? EXIT.unavailable : EXIT.data;

/** The input is read first, so that nothing starts for an empty one. */
async function explainAll(io: CommandIo, flags: LookFlags, showData: boolean) {
  const all = readCookies(
    await readInput(io, {
      what: 'a Cookie header, a Set-Cookie line or the value of a cookie',
      limit: MAX_HEADER,
    }),
  );
  if (!all.length) throw new CommandError(EXIT.data, 'standard input has no cookie; pass one Cookie header');
  const { name: names = [], audience: audiences = [], tenant: tenants = [] } = flags;
  return withKeys(flags, async ({ manager, storeDown }) => {
    const places = placesOf(manager);
    const chosen = chosenOf(all, places, names);
    const options: ExplainOptions = { names, audiences, tenants, showData, storeDown };
    const explained: Explanation[] = [];
    for (const cookie of chosen) explained.push(await explainCookie(places, cookie, all, options));
    const together = explained.map((one, i) => (chosen[i]!.attributes ? one : judgedWith(explained, one)));
    return { explained: together, others: all.length - chosen.length };
  });
}

/** A request with cookies of one name that lead to different sessions has none. */
function judgedWith(all: readonly Explanation[], one: Explanation): Explanation {
  const isOther = ({ name, verdict, session }: Explanation) =>
    name === one.name && verdict === 'accepted' && session?.id !== one.session?.id;
  if (one.name === undefined || one.verdict !== 'accepted' || !all.some(isOther)) return one;
  return {
    ...one,
    verdict: 'refused',
    reason: 'ambiguous',
    why: 'the request has several cookies of this name, they hold different sessions, and so none counts',
    remedy: 'a login ends this; docs/sessions.md, "Several cookies of one name", says where they come from',
  };
}

/** Of many cookies, those count that the application reads, and those that have a form of ours. */
function chosenOf(
  all: readonly PastedCookie[],
  places: readonly Place[],
  names: readonly string[],
): readonly PastedCookie[] {
  const own = namesOf(places, names);
  const isOurs = ({ name, value }: PastedCookie) =>
    name === undefined || own.includes(name) || shapeOf(value).kind !== 'fault';
  const ours = all.filter(
    (one, i) =>
      isOurs(one) && all.findIndex(({ name, value }) => name === one.name && value === one.value) === i,
  );
  return (ours.length ? ours : all).slice(0, MAX_EXPLAINED);
}

const namesOf = (places: readonly Place[], more: readonly string[]): string[] =>
  unique([
    ...places.flatMap(({ endpoint }) => [
      endpoint.cookie.name,
      ...endpoint.migrationSources.map(({ cookie }) => cookie.name),
    ]),
    ...more,
  ]);
