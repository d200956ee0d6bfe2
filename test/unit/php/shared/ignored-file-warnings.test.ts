import { describe, expect, it } from 'vitest';
import { IgnoredFileWarnings } from '../../../../lib/php/shared/ignored-file-warnings.js';

function newWarnings() {
  const said: string[] = [];
  return { said, warnings: new IgnoredFileWarnings(), warn: (message: string) => void said.push(message) };
}

describe('IgnoredFileWarnings', () => {
  it('warns once of files of other users, however many are asked for at a time', async () => {
    const { said, warnings, warn } = newWarnings();
    const owners = [undefined, 33, 34, 35];
    await Promise.all(owners.map((uid) => warnings.warnOfOwner(async () => uid, warn)));
    expect(said).toEqual([
      `A session file belongs to another user (uid 33, this process is uid ${process.geteuid!()}), so it is ignored: run PHP and this application as one user`,
    ]);
  });

  it('looks at no more files after the warning', async () => {
    const { warnings, warn } = newWarnings();
    await warnings.warnOfOwner(async () => 33, warn);
    await warnings.warnOfOwner(() => Promise.reject(new Error('looked')), warn);
  });

  it('warns once of files of another serializer, also after a warning of their owner', async () => {
    const { said, warnings, warn } = newWarnings();
    await warnings.warnOfOwner(async () => 33, warn);
    for (let i = 0; i < 2; i++) warnings.warnOfSerializer('php', warn);
    expect(said.slice(1)).toEqual([
      'A session file was not written by the serializer "php", so it is ignored: set sharedUnsealed.serializer to the session.serialize_handler of PHP',
    ]);
  });
});
