import { describe, expect, it } from 'vitest';
import { SessionStoreError } from '../../../lib/errors/session-store.error.js';
import type { CommitPolicy, PendingCommit } from '../../../lib/persistence/session-commit.interface.js';
import { SessionCommitter } from '../../../lib/persistence/session-committer.js';
import { SESSION_EVENTS, SessionEvents } from '../../../lib/persistence/session-events.js';
import type {
  SessionLookup,
  SessionRepository,
  StoredSession,
} from '../../../lib/persistence/session-repository.interface.js';
import { ChangeSet } from '../../../lib/record/change-set.js';
import { emptyRecord, type SessionRecord } from '../../../lib/record/session-record.js';

const NOW = 1_800_000_000;
const timeouts = {
  idleTimeout: 1440,
  absoluteTimeout: 28_800,
  regenerateInterval: 900,
  graceTime: 60,
  touchInterval: 60,
};

const storedSession = (record = emptyRecord(NOW, 1440, 28_800), version = 1): StoredSession => ({
  key: record.id,
  version,
  record,
  stale: false,
  cookieOutdated: false,
});

/** A repository on the server that holds one session, and says what it was asked for. */
class FakeRepository implements Partial<SessionRepository> {
  readonly onServer = true;
  readonly followsOldIds = true;
  readonly calls: string[] = [];
  held: StoredSession | undefined;
  time = NOW;
  touchFails = false;

  now(): number {
    return this.time;
  }

  identity(record: SessionRecord) {
    return { key: record.id };
  }

  reload(): SessionLookup {
    this.calls.push('reload');
    return this.held ? { kind: 'live', entry: this.held, now: this.time } : { kind: 'ended' };
  }

  create(_: unknown, record: SessionRecord): StoredSession {
    this.calls.push('create');
    return (this.held = { ...storedSession(record), cookieOutdated: true });
  }

  replace(entry: StoredSession, record: SessionRecord): StoredSession | undefined {
    this.calls.push('replace');
    return this.save(entry, record);
  }

  move(entry: StoredSession, _: unknown, record: SessionRecord, kind: string): StoredSession | undefined {
    this.calls.push(`move ${kind}`);
    return this.save(entry, record);
  }

  touch(entry: StoredSession, record: SessionRecord): StoredSession | undefined {
    this.calls.push('touch');
    if (this.touchFails) throw new SessionStoreError('touch', 'timeout');
    if (!this.held) return undefined;
    return (this.held = { ...entry, record });
  }

  end(): void {
    this.calls.push('end');
    this.held = undefined;
  }

  private save(entry: StoredSession, record: SessionRecord): StoredSession | undefined {
    if (entry.version !== this.held?.version) return undefined;
    return (this.held = storedSession(record, entry.version + 1));
  }
}

function setUp(policy: Partial<CommitPolicy> = {}) {
  const repository = new FakeRepository();
  const events = new SessionEvents();
  const seen: string[] = [];
  for (const name of SESSION_EVENTS) events.on(name, () => void seen.push(name));
  const committer = new SessionCommitter(
    repository as unknown as SessionRepository,
    {
      session: 'default',
      timeouts,
      commitTimeout: 5000,
      onConflict: 'last-wins',
      cookieExpires: false,
      ...policy,
    },
    events,
  );
  return { repository, committer, seen };
}

const setting = (key: string, value = 1, overwrites?: string) => {
  const changes = new ChangeSet();
  changes.add({ ...(overwrites && { overwrites }), apply: ({ data }) => void (data[key] = value) });
  return changes;
};

const pending = (parts: Partial<PendingCommit> = {}): PendingCommit => ({
  loaded: undefined,
  blank: () => emptyRecord(NOW, 1440, 28_800),
  changes: new ChangeSet(),
  idAction: 'keep',
  nextIdentity: () => ({ key: Buffer.alloc(32, 7) }),
  dropped: false,
  loggedIn: false,
  renew: 'due',
  headSent: false,
  ...parts,
});

describe('SessionCommitter', () => {
  it('stores no new session that is empty', async () => {
    const { repository, committer } = setUp();
    expect(await committer.commit(pending())).toMatchObject({ entry: undefined, cookie: 'keep' });
    expect(repository.calls).toEqual([]);
  });

  it('creates a new session with its first change, and sends the cookie', async () => {
    const { repository, committer, seen } = setUp();
    expect(await committer.commit(pending({ changes: setting('a') }))).toMatchObject({ cookie: 'send' });
    expect([repository.calls, seen]).toEqual([['create'], ['created']]);
  });

  it('writes nothing for a read, and touches when it is due', async () => {
    const { repository, committer } = setUp();
    const loaded = (repository.held = storedSession());
    repository.time = NOW + 59;
    await committer.commit(pending({ loaded }));
    expect(repository.calls).toEqual([]);
    repository.time = NOW + 60;
    await committer.commit(pending({ loaded }));
    expect(repository.calls).toEqual(['touch']);
  });

  it('sends no cookie for a session that has ended before its touch, though the cookie expires', async () => {
    const { repository, committer } = setUp({ cookieExpires: true });
    const loaded = (repository.held = storedSession());
    repository.time = NOW + 60;
    expect(await committer.commit(pending({ loaded }))).toMatchObject({ cookie: 'renew' });
    repository.end();
    expect(await committer.commit(pending({ loaded }))).toMatchObject({
      entry: undefined,
      cookie: 'withhold',
    });
  });

  it('asks once more before the head sends the cookie of an old id again, and before nobody else', async () => {
    const { repository, committer } = setUp();
    const loaded = (repository.held = { ...storedSession(), cookieOutdated: true });
    const head = pending({ loaded, until: performance.now() + 1000 });
    expect(await committer.commit(head)).toMatchObject({ entry: loaded, cookie: 'resend' });
    expect(repository.calls.splice(0)).toEqual(['reload']);
    for (const parts of [{ until: undefined }, { headSent: true }, { cookie: 'send' as const }])
      expect(await committer.commit({ ...head, ...parts })).toMatchObject({ entry: loaded, cookie: 'keep' });
    expect(repository.calls).toEqual([]);
  });

  it('sends no cookie of an old id whose session has ended', async () => {
    const { committer, seen } = setUp();
    const loaded = { ...storedSession(), cookieOutdated: true };
    const head = pending({ loaded, until: performance.now() + 1000 });
    expect(await committer.commit(head)).toMatchObject({ entry: undefined, cookie: 'withhold', gone: false });
    expect(seen).toEqual([]);
  });

  it('sends the id that a session has by now', async () => {
    const { repository, committer } = setUp();
    const loaded = { ...storedSession(), cookieOutdated: true };
    repository.held = { ...storedSession(), key: Buffer.alloc(32, 8), cookieOutdated: true };
    const head = pending({ loaded, until: performance.now() + 1000 });
    expect(await committer.commit(head)).toMatchObject({ entry: repository.held, cookie: 'resend' });
  });

  it('sends no cookie of an old id where nobody knows whether the session is still there', async () => {
    const { repository, committer, seen } = setUp();
    const loaded = (repository.held = { ...storedSession(), cookieOutdated: true });
    repository.touchFails = true;
    repository.time = NOW + 60;
    expect(await committer.commit(pending({ loaded }))).toMatchObject({ entry: loaded, cookie: 'keep' });
    expect(seen).toEqual(['touchFailed']);
  });

  it('renews neither clock nor id where the request may not', async () => {
    const { repository, committer } = setUp();
    const loaded = (repository.held = storedSession());
    repository.time = NOW + 5000;
    await committer.commit(pending({ loaded, renew: 'no' }));
    expect(repository.calls).toEqual([]);
  });

  it('lets a read pass when its touch fails', async () => {
    const { repository, committer, seen } = setUp();
    const loaded = (repository.held = storedSession());
    repository.touchFails = true;
    repository.time = NOW + 60;
    expect(await committer.commit(pending({ loaded }))).toMatchObject({ entry: loaded, gone: false });
    expect(seen).toEqual(['touchFailed']);
  });

  it.each([
    ['touch', 60],
    ['move', 900],
  ] as const)('lets a read pass before nobody waits any more when its %s hangs', async (step, seconds) => {
    const { repository, committer, seen } = setUp();
    const loaded = (repository.held = storedSession());
    repository.time = NOW + seconds;
    Object.assign(repository, { [step]: () => new Promise(() => {}) });
    const until = performance.now() + 30;
    expect(await committer.commit(pending({ loaded, until }))).toMatchObject({ entry: loaded });
    expect(seen).toEqual(['touchFailed']);
  });

  it('merges its change into what another request has saved', async () => {
    const { repository, committer } = setUp();
    const loaded = storedSession();
    repository.held = { ...loaded, version: 2, record: { ...loaded.record, data: { theirs: 1 } } };
    const { entry } = await committer.commit(pending({ loaded, changes: setting('ours') }));
    expect(entry?.record.data).toEqual({ theirs: 1, ours: 1 });
    expect(repository.calls).toEqual(['replace', 'reload', 'replace']);
  });

  it.each(['last-wins', 'reject'] as const)('reports two values for one key: %s', async (onConflict) => {
    const { repository, committer, seen } = setUp({ onConflict });
    const loaded = storedSession();
    repository.held = { ...loaded, version: 2, record: { ...loaded.record, data: { key: 2 } } };
    const commit = Promise.resolve(committer.commit(pending({ loaded, changes: setting('key', 3, 'key') })));
    if (onConflict === 'reject') await expect(commit).rejects.toMatchObject({ statusCode: 409 });
    else expect((await commit).entry?.record.data).toEqual({ key: 3 });
    expect(seen).toEqual(['conflict']);
  });

  it('drops the change of a session that has ended meanwhile', async () => {
    const { committer, seen } = setUp();
    const result = await committer.commit(pending({ loaded: storedSession(), changes: setting('a') }));
    expect([result.gone, seen]).toEqual([true, ['dropped']]);
  });

  it('keeps a login where the session has ended meanwhile', async () => {
    const { repository, committer, seen } = setUp();
    const login = pending({
      loaded: storedSession(),
      changes: setting('a'),
      idAction: 'move',
      loggedIn: true,
    });
    expect(await committer.commit(login)).toMatchObject({ cookie: 'send', gone: false });
    expect(repository.calls).toEqual(['move login', 'reload', 'create']);
    expect(seen).toEqual(['created', 'signedIn']);
  });

  it('renews the id when it is due, and makes the change with it', async () => {
    const { repository, committer } = setUp();
    const loaded = (repository.held = storedSession());
    repository.time = NOW + 900;
    const { entry } = await committer.commit(pending({ loaded, changes: setting('a') }));
    expect(repository.calls).toEqual(['move periodic']);
    expect(entry?.record).toMatchObject({ data: { a: 1 }, generation: 1, idIssuedAt: NOW + 900 });
  });

  it('keeps the id once the head is sent', async () => {
    const { repository, committer } = setUp();
    const loaded = (repository.held = storedSession());
    repository.time = NOW + 900;
    await committer.commit(pending({ loaded, changes: setting('a'), headSent: true }));
    expect(repository.calls).toEqual(['replace']);
  });

  it('ends a session and clears its cookie', async () => {
    const { repository, committer, seen } = setUp();
    expect(await committer.end(storedSession())).toMatchObject({ entry: undefined, cookie: 'clear' });
    expect([repository.calls, seen]).toEqual([['end'], ['ended']]);
  });
});
