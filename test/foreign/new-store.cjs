// Makes the store of ours that a foreign suite tests: in memory, or in a table of its own where DATABASE_URL names a database.
const { memoryStore } = require(`${process.env.OUR_PACKAGE}index.js`);
const { createTableSql, pgStore } = require(`${process.env.OUR_PACKAGE}pg.js`);
const { toExpressStore } = require(`${process.env.OUR_PACKAGE}express.js`);

const { DATABASE_URL } = process.env;
const crypto = { secrets: [`hex:${'11'.repeat(32)}`] };
let pool;
let tables = 0;

/** Each store has a table of its own, which is there before its first statement. */
function tableStore() {
  pool ??= new (require(`${process.env.OUR_MODULES}/pg`).Pool)({ connectionString: DATABASE_URL, max: 4 });
  const table = `sessions_${process.pid}_${++tables}`;
  const made = createTableSql({ table }).reduce(
    (done, sql) => done.then(() => pool.query(sql)),
    Promise.resolve(),
  );
  return pgStore({ pool: (text, values) => made.then(() => pool.query(text, values)), table });
}

exports.newStore = () =>
  DATABASE_URL
    ? toExpressStore(tableStore(), { crypto })
    : toExpressStore(memoryStore({ allowInProduction: true }));
