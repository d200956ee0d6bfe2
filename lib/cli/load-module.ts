import type { Type } from '@nestjs/common';
import { CommandError } from './command.error.js';
import { EXIT } from './exit-codes.js';
import { importFile } from './import-file.js';

const DEFAULT_CLASS = 'AppModule';

/** Imports the class of a Nest module that `FILE#CLASS` names. Without `#CLASS` it is `AppModule`. Rejects with a CommandError if
 *  there is none. */
export async function loadModule(place: string): Promise<Type> {
  const [, file = place, name = DEFAULT_CLASS] = /^(.+)#([\w$]+)$/.exec(place) ?? [];
  const members = await importFile(file);
  const inside = Object(members['default']) as Readonly<Record<string, unknown>>;
  const found = members[name] ?? inside[name];
  if (typeof found === 'function') return found as Type;
  const classes = Object.keys({ ...inside, ...members }).filter((one) => one.endsWith('Module'));
  const known = classes.length ? `; it exports ${classes.join(', ')}` : '';
  throw new CommandError(EXIT.config, `${file} exports no class ${name}${known}; write --module FILE#CLASS`);
}
