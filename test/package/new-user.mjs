#!/usr/bin/env node
// A new user without the user: ten minutes with README.md, and `nest add` in real projects of several kinds. Both have the
// packed package and one installation of Nest 12, on Node 24: the CLI of Nest 12 needs Node 22 at least, and Jest needs Node 24 to
// load Nest 12. Installs into a temporary folder and needs Debian's postgresql, so it is run by CI and not by `npm test`.
//
//     npm run test:newuser [-- ten-minutes | nest-add | NAME of a project]
import { delimiter, dirname } from 'node:path';
import { database } from '../../bench/http/lib/pg.mjs';
import { done, freePort, inTemporaryFolder, install, pack, root } from './application.mjs';
import { nestAdd } from './new-user/nest-add.mjs';
import { nestNew, tenMinutes } from './new-user/ten-minutes.mjs';
import { nodeOf } from './node-line.mjs';

process.env.PATH = `${dirname(nodeOf(24))}${delimiter}${process.env.PATH}`;
const [part] = process.argv.slice(2);

await inTemporaryFolder('new-user', async (folder) => {
  const tarball = pack(folder);
  const app =
    part === undefined || part === 'ten-minutes'
      ? await tenMinutes(root, folder, tarball)
      : bare(folder, tarball);
  if (part === 'ten-minutes') return;
  const { url, stop } = await database({ port: await freePort() });
  await nestAdd(app, url, part === 'nest-add' ? '' : part).finally(stop);
});

/** An application that has the package, and in which nothing else has happened. */
function bare(folder, tarball) {
  const app = nestNew(root, folder, 'shop');
  install(app, tarball);
  done('nest new');
  return app;
}
