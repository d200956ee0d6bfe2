import type { FoundRow, SessionStore } from './session-store.interface.js';

/** Rows that are read in one step. */
const PAGE = 500;

/** A store whose rows can be read one after another: in the order of their keys, or in an order of its own. */
export type ReadableStore = Required<Pick<SessionStore, 'scan'>> | Required<Pick<SessionStore, 'scanAll'>>;

/** Yields every live row of a store. */
export async function* allRows(store: ReadableStore): AsyncGenerator<FoundRow, void, undefined> {
  if ('scanAll' in store && store.scanAll) return yield* store.scanAll();
  const { scan } = store as Required<Pick<SessionStore, 'scan'>>;
  let page: FoundRow[] = [];
  do {
    page = await scan.call(store, page.at(-1)?.key, PAGE);
    yield* page;
  } while (page.length === PAGE);
}

/** Reports whether a store can be read row by row. */
export const hasRows = <S extends SessionStore>(store: S | undefined): store is S & ReadableStore =>
  (store?.scan ?? store?.scanAll) !== undefined;
