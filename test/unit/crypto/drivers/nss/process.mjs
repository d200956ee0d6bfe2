// A process in which nobody has initialised NSS yet. The first argument holds its steps as JSON. It prints the results and
// the warnings as JSON.
import koffi from 'koffi';
import { DRIVER_ROWS } from '../../../../../lib/crypto/drivers/driver-rows.ts';
import { selfTest } from '../../../../../lib/crypto/self-test.ts';
import { SUITES } from '../../../../../lib/crypto/suites.ts';

const NSS = DRIVER_ROWS.find(({ name }) => name === 'nss');

const nss = () => koffi.load('libnss3.so');
const warnings = [];
process.on('warning', ({ name, code, message }) => warnings.push({ name, code, message }));

const acts = {
  /** Opens the driver and tests it against known answers. */
  async open(params) {
    try {
      const driver = await NSS.open(params, 'crypto.driver');
      const wrong = await Promise.all(SUITES.map((suite) => selfTest(driver, suite)));
      return wrong.find((answer) => answer) ?? 'works';
    } catch (error) {
      return error.faults ?? String(error);
    }
  },
  /** Initialises NSS as another library of the process would. */
  initialise: () => nss().func('int NSS_NoDB_Init(void *dir)')(null),
  isInitialised: () => Boolean(nss().func('int NSS_IsInitialized()')()),
  missing: async () => (await NSS.missing()) ?? 'nothing',
};

const results = [];
for (const [act, params] of JSON.parse(process.argv[2])) results.push(await acts[act](params));
await new Promise((resolve) => setImmediate(resolve)); // warnings are told on the next tick
process.stdout.write(JSON.stringify({ results, warnings }));
