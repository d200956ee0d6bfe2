import type { SessionManager } from '../../manager/session-manager.js';
import type { StoredSession } from '../../persistence/session-repository.interface.js';
import type { SessionRecord } from '../../record/session-record.js';
import type { BenchRow } from './bench-crypto.js';
import { measure } from './measure.js';

/** Measures the store of the base options with one session of its own, which ends afterwards. */
export async function benchStore(
  { base: { store, options, anyEndpoint } }: SessionManager,
  record: SessionRecord,
  milliseconds: number,
): Promise<BenchRow[]> {
  const known = { of: `store ${store.kind}`, by: options.crypto.driver.name };
  if (store.foreign)
    return [
      { ...known, operation: '', skipped: 'it belongs to another program too, which would see the session' },
    ];
  const { repository } = anyEndpoint;
  let entry: StoredSession = await repository.create(repository.identity(record), record);
  const save = async () => {
    entry = (await repository.replace(entry, { ...entry.record })) ?? entry;
  };
  try {
    const text = repository.cookieValue(entry);
    const load = await measure(() => repository.open(text), milliseconds / 2, { single: true });
    const saved = await measure(save, milliseconds / 2, { single: true });
    return [
      { ...known, operation: 'load', ...load },
      { ...known, operation: 'save', ...saved },
    ];
  } finally {
    await repository.end(entry);
  }
}
