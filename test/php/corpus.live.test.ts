import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromPhpIni } from 'nestjs-session-crypto/php';
import { RealPhp } from './support/ask-php.js';
import { differencesFrom, INI_FILES, readHere, RECORD, type IniRecord } from './support/ini-corpus.js';
import { live } from './support/live.js';

/** `RECORD=1` asks PHP and writes down what it does; otherwise what it does is compared with that. */
const recording = process.env['RECORD'] === '1';
/** The numbers of a version up to the one of the patch. */
const minor = (version: string) => version.split('.', 2).join('.');

describe.skipIf(!live)('a php.ini that people write', () => {
  const old = recording ? undefined : (JSON.parse(readFileSync(RECORD, 'utf8')) as IniRecord);
  const files: IniRecord['files'] = {};
  let php: RealPhp;

  beforeAll(async () => {
    php = await RealPhp.find();
  });
  afterAll(() => {
    if (recording) writeFileSync(RECORD, `${JSON.stringify({ version: php.version, files }, null, 2)}\n`);
  });

  it.each(INI_FILES)(
    '$name: has the same meaning in both, or a list of faults says where not',
    async (file) => {
      const asked = await php.ask(file);
      files[file.name] = { php: asked, here: readHere(file).faults };
      expect(differencesFrom(asked, file)).toEqual([]);
      if (old && minor(old.version) === minor(php.version))
        expect(files[file.name]).toEqual(old.files[file.name]);
    },
  );

  it('is also known by the values of ini_get_all(null, false), which have tags and hosts for ids in links', async () => {
    const file = INI_FILES.find(({ name }) => name === 'trans-sid')!;
    const { id } = fromPhpIni(await php.all(file), { secrets: [] });
    expect(id).toEqual(fromPhpIni(file.text, { secrets: [] }).id);
    expect(id!.transSid).toMatchObject({ hosts: ['shop.example', 'www.shop.example'] });
  });
});
