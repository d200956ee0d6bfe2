import type { FoundRow, SessionStore } from './session-store.interface.js';

/** Rows that are read in one step. */
const PAGE = 500;

/** Yields every live row of a store, in pages by the order of keys. */
export async function* allRows(
  store: Required<Pick<SessionStore, 'scan'>>,
): AsyncGenerator<FoundRow, void, undefined> {
  let page: FoundRow[] = [];
  do {
    page = await store.scan(page.at(-1)?.key, PAGE);
    yield* page;
  } while (page.length === PAGE);
}

/** Reports whether a store can be read row by row. */
export const hasRows = <S extends SessionStore>(
  store: S | undefined,
): store is S & Required<Pick<SessionStore, 'scan'>> => store?.scan !== undefined;
