// The faults, each as one row: how it begins, how it ends, and what may follow.
//
//   begin(world)    does the harm
//   until           the fault lasts until so many requests have failed since
//   acknowledges    the fault lasts until so many requests were acknowledged since
//   lasts           the fault lasts so many milliseconds
//   end(world)      takes the harm away
//   slow            true if connections hang, which is noticed only after the commit timeout
//   holds           true if statements wait at the proxy, which must not act any more when the fault ends
//   closed          true if nothing reaches the database until the fault ends
//   statement       the fault waits for this statement and strikes its connection
//   spares          true if no request may fail
//   within          milliseconds after the end until each new request must succeed, where the fault has a bound of its own
//   restore(world)  after the round, for the next one
//   known           true if the database can be asked all the time, so that the outcome of a login can be looked up

const FAILURES = 8;
/** So many that the first of them were answered a whole commit timeout ago. */
const MANY = 12;

const cut = {
  'cut (FIN)': { known: true, begin: ({ proxy }) => proxy.cut() },
  'reset (RST)': { known: true, begin: ({ proxy }) => proxy.reset() },
};

/** The connection is cut when the database has done the statement, or before it hears of it. */
const struck = (statement, when) => ({
  known: true,
  statement,
  when,
  strike: (pair) => (when === 'after' ? pair.cutAtAnswer() : pair.reset()),
});

const statements = {
  'answer of a move lost': struck('move', 'after'),
  'answer of a save lost': struck('replace', 'after'),
  'answer of a create lost': struck('create', 'after'),
  'answer of a logout lost': struck('destroy', 'after'),
  'move never sent': struck('move', 'before'),
  'save never sent': struck('replace', 'before'),
};

const stall = {
  slow: true,
  holds: true,
  closed: true,
  begin: ({ proxy }) => proxy.stall(),
  until: MANY,
  end: ({ proxy }) => proxy.flow(),
};

const waits = {
  'short stall': {
    known: true,
    spares: true,
    begin: ({ proxy }) => proxy.stall(),
    lasts: 300,
    end: ({ proxy }) => proxy.flow(),
  },
  'long stall': stall,
  'stall at a save': { ...stall, statement: 'replace', when: 'before' },
  'stall at a move': { ...stall, statement: 'move', when: 'before' },
  'frozen server': {
    slow: true,
    closed: true,
    begin: ({ server }) => server.freeze(),
    until: MANY,
    end: ({ server }) => server.thaw(),
  },
  'silent connections': { slow: true, begin: ({ proxy }) => proxy.forget() },
  'silent answers': { slow: true, begin: ({ proxy }) => proxy.muteAnswers() },
  'refused connections': {
    begin: ({ proxy }) => proxy.refuse(),
    until: FAILURES,
    end: ({ proxy }) => proxy.listen(),
  },
};

/** What a promotion may take until requests succeed again, in milliseconds. */
const PROMOTED = 10_000;

/** The primary is killed, and its replica takes over. The next round has a new replica. */
export const FAILOVER = {
  name: 'primary killed, replica promoted',
  within: PROMOTED,
  begin: ({ server }) => server.kill(),
  until: FAILURES,
  end: ({ server }) => server.promote(),
  restore: ({ server }) => server.follow(),
};

/** Requests that are acknowledged while a replica lags: two thirds of them are changes. */
const LOST = 60;

/** The same with a replica that has lagged behind since: what was acknowledged meanwhile is lost. */
export const LAGGING_FAILOVER = {
  name: 'replica that lags promoted',
  within: PROMOTED,
  begin: ({ server }) => server.unfollow(),
  acknowledges: LOST,
  async end({ server }) {
    server.kill();
    await server.promote();
  },
};

/** `kill -9`: after so many requests, or just when a statement has reached the server. After a move, a create or a logout the
 *  server comes back soon, so that the outcome can be looked up. */
const SOON = new Set(['move', 'create', 'destroy']);
const kills = [undefined, 'replace', 'move', 'create', 'destroy', 'load', 'replace', undefined].map(
  (statement) => ({
    name: `kill -9 ${statement ? `at a ${statement}` : 'between'}`,
    ...(statement && { statement, when: 'after' }),
    begin: ({ server }) => server.kill(),
    until: SOON.has(statement) ? 1 : FAILURES,
    end: ({ server }) => server.restart(),
  }),
);

export const NETWORK_FAULTS = Object.entries({ ...cut, ...statements, ...waits }).map(([name, fault]) => ({
  name,
  ...fault,
}));

/** The faults of a campaign: all network faults, with `count` kills spread among them. */
export function schedule(count) {
  const faults = NETWORK_FAULTS.map((fault) => [fault]);
  for (let i = 0; i < count; i++) faults[i % faults.length].push(kills[i % kills.length]);
  return faults.flat();
}
