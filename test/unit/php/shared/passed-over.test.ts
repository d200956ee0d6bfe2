import { describe, expect, it } from 'vitest';
import { PassedOver } from '../../../../lib/php/shared/passed-over.js';

function passedOver() {
  const said: string[] = [];
  return { said, passed: new PassedOver(), warn: (message: string) => void said.push(message) };
}

describe('PassedOver', () => {
  it("says once whose files PHP's are, however many are asked for at a time", async () => {
    const { said, passed, warn } = passedOver();
    const owners = [undefined, 33, 34, 35];
    await Promise.all(owners.map((uid) => passed.byOwner(async () => uid, warn)));
    expect(said).toEqual([
      `A session file belongs to another user (uid 33, this process is uid ${process.geteuid!()}): PHP and this application have to run as one user`,
    ]);
  });

  it('looks at no more files once it was said', async () => {
    const { passed, warn } = passedOver();
    await passed.byOwner(async () => 33, warn);
    await passed.byOwner(() => Promise.reject(new Error('looked')), warn);
  });

  it('says once that files are of another form, whatever it has said of their owner', async () => {
    const { said, passed, warn } = passedOver();
    await passed.byOwner(async () => 33, warn);
    for (let i = 0; i < 2; i++) passed.byForm('php', warn);
    expect(said.slice(1)).toEqual([
      'A session file is not in the form of serializer "php": set sharedUnsealed.serializer to session.serialize_handler',
    ]);
  });
});
