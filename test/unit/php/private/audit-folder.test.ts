import { execSync } from 'node:child_process';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { auditOptions, type AuditRow, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { fileStore, fromPhpIni } from '../../../../lib/php/index.js';
import { useFolders } from '../sealed/stores.js';

const newFolder = useFolders();
const secrets = ['raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE'];
const sharedUnsealed = { serializer: 'php' } as const;

const rowOf = (store: SessionCryptoOptions['store']): AuditRow | undefined =>
  auditOptions({ crypto: { secrets }, ...(store && { store }) }).find(
    ({ code }) => code === 'open-session-folder',
  );

describe('the audit of a folder of sessions', () => {
  it.each(['/tmp', '/tmp/', '/var/tmp', '/dev/shm', '/usr/tmp'])(
    'finds %s broken, and leaves its mode alone',
    (path) => {
      for (const store of [fileStore({ path }), fileStore({ path, sharedUnsealed })]) {
        const row = rowOf(store)!;
        expect([row.setting, row.verdict]).toEqual(['store.path', 'broken']);
        expect(row.remedy).toMatch(/folder of their own/);
        expect(row.remedy).not.toMatch(/chmod|chown/);
      }
    },
  );

  it("finds the path of the manual's own example broken in a php.ini", () => {
    for (const shared of [false, true]) {
      const { store } = fromPhpIni('session.save_path = /tmp', { secrets, sharedUnsealed: shared });
      expect(rowOf(store)).toMatchObject({ setting: 'store.path', verdict: 'broken' });
    }
  });

  it('finds a folder ok after its remedy', async () => {
    const path = join(await newFolder(), 'sessions');
    await mkdir(path);
    await chmod(path, 0o755);
    const row = rowOf(fileStore({ path }))!;
    expect([row.verdict, row.value]).toEqual(['broken', `other users can read ${path}`]);
    execSync(/^run: (.*)$/.exec(row.remedy)![1]!);
    expect(rowOf(fileStore({ path }))!.verdict).toBe('ok');
  });

  it('finds a symbolic link broken, and a folder that this machine does not have ok', async () => {
    const folder = await newFolder();
    await symlink(folder, join(folder, 'link'));
    expect(rowOf(fileStore({ path: join(folder, 'link') }))!.verdict).toBe('broken');
    expect(rowOf(fileStore({ path: join(folder, 'absent') }))!.verdict).toBe('ok');
  });

  it('says nothing of a path that stops the start, or of a store without a folder', () => {
    expect(rowOf(fileStore({ path: 'relative' }))).toBeUndefined();
    expect(rowOf(undefined)).toBeUndefined();
  });
});
