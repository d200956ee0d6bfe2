import type { FoundRow, SessionStore } from './session-store.interface.js';

/** Rows that are read in one step. */
const PAGE = 500;

/** A store whose rows can be read one after another: in the order of their keys, or in an order of its own. */
export type ReadableStore = Required<Pick<SessionStore, 'scan'>> | Required<Pick<SessionStore, 'scanAll'>>;

/** Yields every live row of a store. */
export async function* allRows(store: ReadableStore): AsyncGenerator<FoundRow, void, undefined> {
  for await (const page of pagesOf(store)) yield* page;
}

/** Yields every live row of a store, `size` of them at a time. With `after`, it begins behind that key, as far as the store has an
 *  order of keys. */
export async function* pagesOf(
  store: ReadableStore,
  size: number = PAGE,
  after?: Buffer,
): AsyncGenerator<FoundRow[], void, undefined> {
  if ('scanAll' in store && store.scanAll) return yield* grouped(store.scanAll(), size);
  const { scan } = store as Required<Pick<SessionStore, 'scan'>>;
  let last = after;
  for (;;) {
    const page = await scan.call(store, last, size);
    if (page.length) yield page;
    if (page.length < size) return;
    last = page.at(-1)!.key;
  }
}

async function* grouped(rows: AsyncIterable<FoundRow>, size: number): AsyncGenerator<FoundRow[]> {
  let page: FoundRow[] = [];
  for await (const row of rows) {
    page.push(row);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length) yield page;
}

/** Reports whether a store can be read row by row. */
export const hasRows = <S extends SessionStore>(store: S | undefined): store is S & ReadableStore =>
  (store?.scan ?? store?.scanAll) !== undefined;
