// Stores that break a promise, so that the checker has something to find. Only this test builds them.
import { TypeOrmStore } from 'nestjs-session-crypto/typeorm';

/** The version guard is taken out: it saves at whatever version there is. */
class Unguarded extends TypeOrmStore {
  async replace(row, version, ...rest) {
    const found = await this.load(row.key);
    return super.replace(row, found?.version ?? version, ...rest);
  }
}

/** Revival is let in: a logout leaves the session where it was, as a store does whose save creates the row again. */
class Reviving extends TypeOrmStore {
  async destroy() {
    return true;
  }
}

/** Every tenth save is acknowledged and not done. */
class Forgetful extends TypeOrmStore {
  #saves = 0;

  async replace(...args) {
    return ++this.#saves % 10 ? super.replace(...args) : 'saved';
  }
}

export const MUTANTS = { none: TypeOrmStore, unguarded: Unguarded, reviving: Reviving, forgetful: Forgetful };
