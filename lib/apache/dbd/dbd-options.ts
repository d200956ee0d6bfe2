import { kindOf, SessionConfigError, type ConfigFault } from '../../errors/session-config.error.js';
import { OptionReader } from '../../options/option-reader.js';

/** Throws a SessionConfigError with every fault of the options of `dbdStore()`. */
export function checkDbdOptions(options: unknown): void {
  const faults: ConfigFault[] = [];
  const reader = new OptionReader('store', options, faults);
  readTable(reader);
  reader.take('dataSource');
  reader.choice('renewKey', 'login', ['login', 'change']);
  const perUser = reader.take('perUser');
  if (perUser !== undefined && typeof perUser !== 'function')
    reader.addFault('perUser', `is ${kindOf(perUser)}; allowed is a function of the request`);
  reader.choice('prepared', true, [true, false]);
  reader.integer('pruneBatch', 1000, 'rows', [1, 1_000_000_000]);
  reader.end();
  if (faults.length) throw new SessionConfigError(faults);
}

/** Throws a SessionConfigError with every fault of a table's name. */
export function checkTableOptions(where: unknown): void {
  const faults: ConfigFault[] = [];
  const reader = new OptionReader('dbdTableSql()', where, faults);
  readTable(reader);
  reader.end();
  if (faults.length) throw new SessionConfigError(faults);
}

function readTable(reader: OptionReader): void {
  for (const key of ['table', 'schema']) reader.text(key, '', /^[^\0]+$/, 'a name');
}
