import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { putAt, putFile } from '../probe/php-files.js';
import type { BehaviourCase } from './behaviour-case.js';

const LONG_AGO = 5000;

/** Makes the files that exist before a case. The setups of the generator are not in the vectors. A setup is a session with
 *  one variable, last used 500 seconds ago, unless the case's code, result or messages show another one. */
export async function setUp(vector: BehaviourCase, folder: string): Promise<void> {
  const { cookie_id: id, setup } = vector;
  if (id !== null && isAdopted(vector)) return putFile(folder, id, '');
  if (setup === null) return;
  if (vector.theme === 'gc') await makeCollectable(vector, folder);
  if (id === null) return;
  const place = placeOf(vector, folder);
  if (vector.messages.some((one) => one.includes('symbolic links'))) return linkedFile(place, id);
  const [text, age] = beforeOf(vector);
  await putFile(place, id, text, age, modeOf(vector));
}

/** PHP accepts an id that nobody has made, as if there were an empty session. */
export const isAdopted = ({ cookie_id, setup, code, ini }: BehaviourCase): boolean =>
  cookie_id !== null &&
  setup === null &&
  /\bsession_start\(/.test(code) &&
  ini['session.use_strict_mode'] !== '1' &&
  !ini['session.save_path'];

/** Reports whether the session of a case was idle for longer than session.gc_maxlifetime. */
export const hasExpired = ({ theme, cookie_id, setup, ini }: BehaviourCase): boolean =>
  theme === 'gc' && cookie_id !== null && setup !== null && !ini['session.save_path'];

/** Reports whether the serializer of a case cannot read its file. */
export const isUnreadable = ({ setup, result, messages }: BehaviourCase): boolean =>
  setup !== null && result['start'] === false && messages.some((one) => one.includes('Failed to decode'));

function beforeOf(vector: BehaviourCase): [text: string, age: number] {
  if (hasExpired(vector)) return ['a|i:1;', LONG_AGO];
  if (isUnreadable(vector)) return ['a:1:{s:1:"a";i:1;}', 500];
  return [vector.code.includes('unset($_SESSION') ? 'a|i:1;b|i:2;' : 'a|i:1;', 500];
}

/** The files that a case expects to be removed, by their names or their number in the code, and those that must stay. */
async function makeCollectable({ code, result }: BehaviourCase, folder: string): Promise<void> {
  for (const [, path] of code.matchAll(/(?:\$D|\])\.?"?((?:\/\w+)*\/sess_\w+)"/g)) await putAt(folder + path, '', LONG_AGO);
  const { ret, files } = result;
  if (!Array.isArray(files)) return;
  for (let i = 0; i < Number(ret); i++) await putFile(folder, `old${i}`, '', LONG_AGO);
  for (const name of files as string[]) await putAt(join(folder, name), '', name.startsWith('sess_') ? 0 : LONG_AGO);
}

async function linkedFile(place: string, id: string): Promise<void> {
  await putAt(join(place, 'elsewhere'), 'a|i:1;', 500);
  await symlink(join(place, 'elsewhere'), join(place, `sess_${id}`));
}

/** Returns the path of the session's file below session.save_path. */
function placeOf({ ini, cookie_id }: BehaviourCase, folder: string): string {
  const [, depth, below] = /^(?:(\d);(?:\d+;)?)?\{SAVE_PATH\}(.*)$/.exec(ini['session.save_path'] ?? '') ?? [];
  return join(folder, below ?? '', ...cookie_id!.slice(0, Number(depth ?? 0)));
}

const modeOf = ({ result, cookie_id }: BehaviourCase): number =>
  parseInt((result['modes'] as Record<string, string> | undefined)?.[`sess_${cookie_id}`] ?? '0600', 8);
