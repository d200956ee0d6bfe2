import { afterEach, describe, expect, it } from 'vitest';
import { ADAPTERS, ScriptApp, type AdapterName } from '../../../support/script-app.js';
import { FileStore } from '../../../../lib/php/sealed/file.store.js';
import { filesOf, useFolders } from './stores.js';

const newFolder = useFolders();
let app: ScriptApp | undefined;

describe.each(Object.keys(ADAPTERS) as AdapterName[])(
  'an application on %s with its sessions in files',
  (adapter) => {
    afterEach(() => app?.close());

    it('keeps a session after a new id and a restart, until it is destroyed', async () => {
      const path = await newFolder();
      app = await ScriptApp.start({ store: new FileStore({ path }) }, adapter);
      const client = app.client();
      await client.run((session) => session.set('n', 1));
      await client.run((session) => session.regenerate());
      await app.close();
      app = await ScriptApp.start({ store: new FileStore({ path }) }, adapter);
      const later = client.copy(app.url);
      expect(await later.result((session) => session.get('n'))).toBe(1);
      const stolen = later.copy();
      await later.run((session) => session.destroy());
      expect(await stolen.result((session) => session.get('n') ?? 'none')).toBe('none');
    });

    it('loses none of twenty requests at once', async () => {
      const path = await newFolder();
      app = await ScriptApp.start({ store: new FileStore({ path }) }, adapter);
      const client = app.client();
      await client.run((session) => session.set('n', 0));
      await Promise.all(
        Array.from({ length: 20 }, () => client.copy().run((session) => session.increment('n'))),
      );
      expect(await client.result((session) => session.get('n'))).toBe(20);
      expect(await filesOf(path)).toHaveLength(1);
    });
  },
);
