import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPeer } from '../../../lib/peers/load-peer.js';

let folder: string;

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'session-crypto-peers-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function peer(name: string, source: string): string {
  const file = join(folder, name);
  writeFileSync(file, source);
  return file;
}

const faultsOf = (name: string) =>
  loadPeer(name, 'crypto.driver').then(
    () => 'loaded',
    (error: { faults?: unknown }) => error.faults,
  );

describe('loadPeer', () => {
  it('gives the module', async () => {
    expect(await loadPeer(peer('good.mjs', 'export const answer = 42;'), 'crypto.driver')).toMatchObject({
      answer: 42,
    });
  });

  it('says how to install what is not there', async () => {
    expect(await faultsOf('no-such-package')).toEqual([
      { path: 'crypto.driver', message: 'needs the package no-such-package: npm install no-such-package' },
    ]);
  });

  it('says that Jest has to read ES modules, where it takes one for CommonJS', async () => {
    const unread = "throw new SyntaxError('Cannot use import statement outside a module');";
    const name = peer('esm.cjs', unread);
    expect(await faultsOf(name)).toEqual([
      { path: 'crypto.driver', message: expect.stringContaining('node --experimental-vm-modules') as string },
    ]);
  });

  it('says how to mend what is there and does not load', async () => {
    const name = peer('wrong-machine.cjs', "throw new Error('invalid ELF header');");
    const [fault] = (await faultsOf(name)) as { message: string }[];
    expect(fault!.message).toContain(`npm rebuild ${name}`);
    expect(fault!.message).not.toContain('ELF');
  });
});
