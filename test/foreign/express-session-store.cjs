// Stands in the place of express-session's index.js: the real middleware, whose MemoryStore is ours.
const session = require('./original.js');
const { newStore } = require(`${process.env.OUR_ADAPTERS}/new-store.cjs`);

/** A function that is called with `new` and returns an object gives that object. */
function MemoryStore() {
  return newStore();
}

module.exports = (options) => session({ ...options, store: options?.store ?? new MemoryStore() });
Object.assign(module.exports, session, { MemoryStore });
