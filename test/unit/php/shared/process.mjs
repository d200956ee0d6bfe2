// Another process at a session's file; see other-process.ts for what it does.
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

if (process.argv[2] === 'without') {
  const hook = `export const resolve = (name, context, next) => {
    if (!/koffi/.test(name)) return next(name, context);
    throw Object.assign(new Error(), { code: 'ERR_MODULE_NOT_FOUND' });
  };`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
}
const source = fileURLToPath(new URL('./other-process.ts', import.meta.url));
await runnerImport(source, { configFile: false, logLevel: 'error' });
