import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeDatabase, useFolders, useProcesses, whyNoCertutil, whyNoNss } from './support.js';

const newFolder = useFolders();
const inProcess = useProcesses();
const hasNss = !(await whyNoNss());
const hasCertutil = hasNss && !whyNoCertutil();

const faultAt = (path: string, message: RegExp) => [{ path, message: expect.stringMatching(message) }];
const bytesIn = (folder: string) =>
  readdirSync(folder)
    .toSorted()
    .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]);

describe.skipIf(!hasNss)('NSS without a certificate database', () => {
  it('is initialised once for all drivers with equal parameters', async () => {
    const { results, warnings } = await inProcess(
      ['isInitialised'],
      ['open', {}],
      ['open', {}],
      ['isInitialised'],
    );
    expect(results).toEqual([false, 'works', 'works', true]);
    expect(warnings).toEqual([]);
  });

  it('is not initialised by the check of what is missing', async () => {
    const { results } = await inProcess(['missing'], ['isInitialised']);
    expect(results).toEqual(['nothing', false]);
  });

  it('is used as other code has initialised it, with one warning', async () => {
    const steps = [['initialise'], ['open', { dir: '/' }], ['open', {}]] as const;
    const { results, warnings } = await inProcess(...steps);
    expect(results).toEqual([0, 'works', 'works']);
    expect(warnings).toEqual([
      {
        name: 'SessionCryptoWarning',
        code: 'NSS_ALREADY_INITIALIZED',
        message: expect.stringMatching(/not ours \(dir=\/\).*noinit/),
      },
    ]);
  });

  it('is used without a warning with noinit, whoever has initialised it', async () => {
    const { results, warnings } = await inProcess(['initialise'], ['open', { noinit: true }]);
    expect(results).toEqual([0, 'works']);
    expect(warnings).toEqual([]);
    const ours = await inProcess(['open', {}], ['open', { noinit: true }]);
    expect(ours).toEqual({ results: ['works', 'works'], warnings: [] });
  });

  it('stops the start with noinit if nobody has initialised it', async () => {
    const { results } = await inProcess(['open', { noinit: true }], ['isInitialised']);
    expect(results).toEqual([
      faultAt('crypto.driverParams.noinit', /no code in this process has initialised NSS/),
      false,
    ]);
  });

  it('stops the start if its library is missing or is another one', async () => {
    const { results } = await inProcess(
      ['open', { library: 'libnss3-of-nobody.so' }],
      ['open', { library: 'libm.so.6' }],
    );
    expect(results).toEqual([
      faultAt(
        'crypto.driverParams.library',
        /libnss3-of-nobody\.so cannot be loaded.*apt-get install libnss3/,
      ),
      faultAt('crypto.driverParams.library', /libm\.so\.6 lacks functions.*it is not NSS/),
    ]);
  });

  it('stops the start if the folder does not exist', async () => {
    const dir = join(newFolder(), 'nowhere');
    const { results } = await inProcess(['open', { dir }], ['open', { dir: `sql:${dir}` }]);
    const fault = faultAt('crypto.driverParams.dir', /does not exist; create it, then certutil -N/);
    expect(results).toEqual([fault, fault]);
  });
});

describe.skipIf(!hasCertutil)('NSS with a certificate database', () => {
  it('opens it, and changes nothing there', async () => {
    const dir = makeDatabase(newFolder());
    const before = bytesIn(dir);
    const { results, warnings } = await inProcess(['open', { dir }]);
    expect({ results, warnings }).toEqual({ results: ['works'], warnings: [] });
    expect(bytesIn(dir)).toEqual(before);
  });

  it.each([
    ['the names in httpd’s manual', { key3: 'key3.db', cert7: 'cert7.db', secmod: 'secmod' }],
    ['the names of its files', { key3: 'key4.db', cert7: 'cert9.db' }],
  ])('opens it by %s', async (_, names) => {
    const dir = makeDatabase(newFolder());
    const before = readdirSync(dir).toSorted();
    const { results } = await inProcess(['open', { dir: `sql:${dir}`, ...names }]);
    expect(results).toEqual(['works']);
    expect(readdirSync(dir).toSorted()).toEqual(before);
  });

  it.each([
    ['whole names', { key3: 'app-key4.db', cert7: 'app-cert9.db' }],
    ['prefixes', { key3: 'app-', cert7: 'app-' }],
  ])('opens one whose files begin with a prefix, by %s', async (_, names) => {
    const dir = makeDatabase(newFolder(), ['-P', 'app-', '--empty-password']);
    expect(readdirSync(dir)).toContain('app-key4.db');
    const { results } = await inProcess(['open', { dir, ...names }], ['open', { dir }]);
    expect(results[0]).toBe('works');
    expect(results[1]).toEqual(faultAt('crypto.driver', /was initialised with .*key3=app-.*, and now dir=/));
    const other = await inProcess(['open', { dir }]);
    expect(other.results).toEqual([faultAt('crypto.driverParams.dir', /SEC_ERROR_BAD_DATABASE/)]);
  });

  it('does not ask for the password of the database', async () => {
    const folder = newFolder();
    const file = join(newFolder(), 'password');
    writeFileSync(file, 'of the tests');
    const { results } = await inProcess(['open', { dir: makeDatabase(folder, ['-f', file]) }]);
    expect(results).toEqual(['works']);
  });

  it('stops the start when the database is in FIPS mode, in which NSS imports no keys', async () => {
    const dir = makeDatabase(newFolder());
    execFileSync('modutil', ['-fips', 'true', '-dbdir', dir, '-force'], { stdio: 'ignore' });
    const { results } = await inProcess(['open', { dir }]);
    expect(results).toEqual([faultAt('crypto.driver', /FIPS mode.*modutil -fips false/)]);
  });

  it('stops the start for an empty folder, and creates a database there with readwrite', async () => {
    const dir = newFolder();
    const { results } = await inProcess(['open', { dir }]);
    expect(results).toEqual([
      faultAt('crypto.driverParams.dir', /cannot open a database there \(SEC_ERROR_BAD_DATABASE\)/),
    ]);
    expect(readdirSync(dir)).toEqual([]);
    const writing = await inProcess(['open', { dir, readwrite: true }]);
    expect(writing.results).toEqual(['works']);
    expect(readdirSync(dir)).toEqual(expect.arrayContaining(['cert9.db', 'key4.db']));
  });

  it('stops the start for two different sets of parameters, and names both', async () => {
    const dir = makeDatabase(newFolder());
    const { results } = await inProcess(['open', {}], ['open', { dir, secmod: 'mine.db' }]);
    expect(results).toEqual([
      'works',
      faultAt(
        'crypto.driver',
        new RegExp(`initialised with no parameter, and now dir=${dir} secmod=mine.db is requested;`),
      ),
    ]);
  });
});
