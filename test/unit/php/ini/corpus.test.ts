import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  differencesFrom,
  INI_FILES,
  readHere,
  RECORD,
  type IniRecord,
} from '../../../php/support/ini-corpus.js';

const { files } = JSON.parse(readFileSync(RECORD, 'utf8')) as IniRecord;

describe('a php.ini that people write, beside what a real PHP did with it', () => {
  it.each(INI_FILES)('$name: has the same meaning, or a list of faults says where not', (file) => {
    const { php, here } = files[file.name]!;
    expect(differencesFrom(php, file)).toEqual([]);
    expect(readHere(file).faults).toEqual(here);
  });

  it('is one of at least 60, and each is recorded', () => {
    expect(INI_FILES.length).toBeGreaterThanOrEqual(60);
    expect(Object.keys(files).toSorted()).toEqual(INI_FILES.map(({ name }) => name).toSorted());
  });
});
