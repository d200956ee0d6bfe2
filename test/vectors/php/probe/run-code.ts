import { expect } from 'vitest';
import type { Outcome, Rule } from '../php-session.js';
import { PhpException, PhpProbe, plainOf, type PhpVars } from './php-probe.js';
import { FILE_FUNCTIONS } from './file-functions.js';
import { PhpRequest, type PhpFunctions } from './php-request.js';
import { PLAIN_FUNCTIONS, SESSION_FUNCTIONS } from './session-functions.js';
import { NotUnderstood } from './php-tokens.js';
import type { Answer, ProbeApp, Question, Settings } from './probe-app.js';

const FUNCTIONS: PhpFunctions = { ...PLAIN_FUNCTIONS, ...FILE_FUNCTIONS, ...SESSION_FUNCTIONS };

/** The outcome of the code of a case. */
export interface Ran {
  readonly answer: Answer;
  readonly result: Readonly<Record<string, unknown>>;
  readonly php: PhpRequest;
}

/** Runs the PHP code of a case in a request. Rejects with NotUnderstood, or with the faults of the settings. */
export async function runCode(
  code: string,
  settings: Settings,
  questionFor: (app: ProbeApp) => Promise<Question> | Question,
  start: (settings: Settings) => Promise<ProbeApp>,
  given = '',
): Promise<Ran> {
  const php = new PhpRequest(settings, questionFor, start, FUNCTIONS, given);
  try {
    await php.beginByItself();
    await perform(php, code);
    const result = plainOf(php.variables.get('r')) as Record<string, unknown>;
    return { answer: await php.finish(), result: Array.isArray(result) ? {} : result, php };
  } finally {
    php.leave();
  }
}

/** Ends the script after an exception as PHP does, and closes an open session. */
async function perform(php: PhpRequest, code: string): Promise<void> {
  try {
    await new PhpProbe(php).run(code);
  } catch (error) {
    if (!(error instanceof PhpException)) throw error;
    (php.variables.get('r') as PhpVars).set('exception', error.message);
  }
}

/** Returns the reason why a case cannot be run, for code that needs more of PHP than is implemented. */
export function leftOutFor(error: unknown): Outcome {
  if (error instanceof NotUnderstood) return { leftOut: `its code needs ${error.message} of PHP` };
  throw error;
}

/** Compares the result of the script with its result in PHP. Ids differ, but equal ids must be equal in both. `known` maps
 *  ids of the case to sessions of this package. */
export function compareResults(
  ours: Readonly<Record<string, unknown>>,
  theirs: Readonly<Record<string, unknown>>,
  known: ReadonlyMap<string, string> = new Map(),
): void {
  const ids = new Map(known);
  for (const [key, value] of Object.entries(theirs)) {
    if (typeof value === 'string' && /^@(?:id\d+|new)$/.test(value)) {
      const before = ids.get(value);
      expect(typeof ours[key], key).toBe('string');
      if (before === undefined) expect([...ids.values()], key).not.toContain(ours[key]);
      ids.set(value, ours[key] as string);
    }
  }
  const expected = JSON.parse(JSON.stringify(theirs), (_key, value: unknown) =>
    typeof value === 'string' ? (ids.get(value) ?? value) : value,
  ) as unknown;
  expect(ours).toEqual(expected);
}

/** Returns the first rule by which a case differs, or `same`. */
export const outcomeOf = (rules: Iterable<Rule>): Outcome => [...rules][0] ?? 'same';
