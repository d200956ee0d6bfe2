import type { Outcome } from '../php-session.js';
import { REFUSED_AT_START, STORES_ARE_OBJECTS } from '../probe/differences.js';
import { isRefusal, refusalRule } from '../probe/faulty-settings.js';
import { ProbeApp, type Settings } from '../probe/probe-app.js';
import { leftOutFor, runCode } from '../probe/run-code.js';
import { LAX } from '../probe/set-cookie-lines.js';
import type { BehaviourCase } from './behaviour-case.js';
import { setUp } from './behaviour-setup.js';
import { compareBehaviour } from './behaviour-rules.js';

/** Runs PHP's session functions on files that PHP and this package share. */
export async function checkBehaviour(vector: BehaviourCase): Promise<Outcome> {
  if (/\bimplements SessionHandlerInterface\b/.test(vector.code)) return STORES_ARE_OBJECTS;
  if (vector.theme === 'permissions') return { leftOut: 'it needs files of other users and their rights' };
  const settings = { ...LAX, ...vector.ini };
  let app: ProbeApp | undefined;
  const start = async (of: Settings) => (app = await ProbeApp.start(of, true, vector.setup !== null));
  try {
    return await run(vector, settings, start);
  } catch (error) {
    if (!isRefusal(error)) return leftOutFor(error);
    return needsFolders(vector) ? REFUSED_AT_START : refusalRule(error, settings);
  } finally {
    await app?.close();
  }
}

async function run(
  vector: BehaviourCase,
  settings: Settings,
  start: (of: Settings) => Promise<ProbeApp>,
): Promise<Outcome> {
  const { cookie_id: id, code } = vector;
  const questionFor = async (app: ProbeApp) => {
    await setUp(vector, app.folder);
    return id === null ? {} : { headers: { cookie: `PHPSESSID=${id}` } };
  };
  return compareBehaviour(vector, await runCode(code, settings, questionFor, start, id ?? ''));
}

/** Reports whether the folders of the case's path are missing, so that PHP fails at each request. */
const needsFolders = ({ ini, setup }: BehaviourCase): boolean =>
  setup === null && /^[1-9];|\{SAVE_PATH\}\/./.test(ini['session.save_path'] ?? '');
