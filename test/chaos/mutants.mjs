// Stores that break a promise, so that the checker has something to find. Only this test builds them. Each is made of a whole store.

/** The version guard is taken out: it saves at whatever version there is. */
const unguarded = (Store) =>
  class extends Store {
    async replace(row, version, ...rest) {
      const found = await this.load(row.key);
      return super.replace(row, found?.version ?? version, ...rest);
    }
  };

/** Revival is let in: a logout leaves the session where it was, as a store does whose save creates the row again. */
const reviving = (Store) =>
  class extends Store {
    async destroy() {
      return true;
    }
  };

/** Every tenth save is acknowledged and not done. */
const forgetful = (Store) =>
  class extends Store {
    #saves = 0;

    async replace(...args) {
      return ++this.#saves % 10 ? super.replace(...args) : 'saved';
    }
  };

export const MUTANTS = { none: (Store) => Store, unguarded, reviving, forgetful };
