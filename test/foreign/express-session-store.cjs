// Stands in the place of express-session's index.js: the real middleware, whose MemoryStore is ours.
const session = require('./original.js');
const { memoryStore } = require(`${process.env.OUR_PACKAGE}index.js`);
const { toExpressStore } = require(`${process.env.OUR_PACKAGE}express.js`);

/** A function that is called with `new` and returns an object gives that object. */
function MemoryStore() {
  return toExpressStore(memoryStore({ allowInProduction: true }));
}

module.exports = (options) => session({ ...options, store: options?.store ?? new MemoryStore() });
Object.assign(module.exports, session, { MemoryStore });
