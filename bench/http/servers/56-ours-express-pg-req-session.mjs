// The handlers of express-session's servers, unchanged, over our sessions in Postgres.
import { expressSession } from '../../../dist/lib/express/index.js';
import { start, plainOps } from './_app.mjs';
import { inPostgres, sessionModule } from './_ours.mjs';
await start({ ops: plainOps, imports: [sessionModule(await inPostgres())], install: app => app.use(expressSession(app)) });
