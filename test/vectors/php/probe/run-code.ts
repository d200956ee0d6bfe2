import { expect } from 'vitest';
import type { Outcome, Rule } from '../php-session.js';
import { PhpException, PhpProbe, plainOf, type PhpVars } from './php-probe.js';
import { FILE_FUNCTIONS } from './file-functions.js';
import { PhpRequest, type PhpFunctions } from './php-request.js';
import { PLAIN_FUNCTIONS, SESSION_FUNCTIONS } from './session-functions.js';
import { NotUnderstood } from './php-tokens.js';
import type { Answer, ProbeApp, Question, Settings } from './probe-app.js';

const FUNCTIONS: PhpFunctions = { ...PLAIN_FUNCTIONS, ...FILE_FUNCTIONS, ...SESSION_FUNCTIONS };

/** What came of the code of a case. */
export interface Ran {
  readonly answer: Answer;
  readonly result: Readonly<Record<string, unknown>>;
  readonly php: PhpRequest;
}

/** Runs the PHP of a case in a request of ours. Rejects with NotUnderstood, or the refusal of the settings. */
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

/** An exception ends the script as it ends one of PHP: what is open is closed. */
async function perform(php: PhpRequest, code: string): Promise<void> {
  try {
    await new PhpProbe(php).run(code);
  } catch (error) {
    if (!(error instanceof PhpException)) throw error;
    (php.variables.get('r') as PhpVars).set('exception', error.message);
  }
}

/** Why a case can't be run, for code that needs more of PHP than is here. */
export function leftOutFor(error: unknown): Outcome {
  if (error instanceof NotUnderstood) return { leftOut: `its code needs ${error.message} of PHP` };
  throw error;
}

/** Compares what the script found with what it found in PHP. Ids are not the same, but the same ones are: `known` are
 *  ids of the case that stand for sessions of ours. */
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

/** The first of the rules by which a case differs, or that it does not. */
export const outcomeOf = (rules: Iterable<Rule>): Outcome => [...rules][0] ?? 'same';
