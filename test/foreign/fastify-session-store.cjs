// Stands in the place of @fastify/session's own MemoryStore, and of the one that its tests make: the real plugin over our store.
const { newStore } = require(`${process.env.OUR_ADAPTERS}/new-store.cjs`);

/** A function that is called with `new` and returns an object gives that object. */
function MemoryStore() {
  return newStore();
}

module.exports = Object.assign(MemoryStore, { default: MemoryStore, Store: MemoryStore, MemoryStore });
