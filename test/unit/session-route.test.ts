import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { describe, expect, it } from 'vitest';
import { attachSessions, RequestSessions } from '../../lib/request/request-sessions.js';
import { noSession, sessionsOfContext } from '../../lib/session-route.js';
import { requestOf } from './request/manager.js';

class Handlers {
  run() {}
}

function contextOf(type: string, args: unknown[]): ExecutionContextHost {
  const context = new ExecutionContextHost(args, Handlers, Handlers.prototype.run);
  context.setType(type);
  return context;
}

function carrier(): { carrier: object; sessions: RequestSessions } {
  const sessions = new RequestSessions(requestOf({}));
  const made = {};
  attachSessions(made, sessions);
  return { carrier: made, sessions };
}

describe('the sessions of a GraphQL operation', () => {
  const { carrier: request, sessions } = carrier();

  it.each([
    ['its context has the request as req', [{}, {}, { req: request }, {}]],
    ['its context has it as request', [{}, {}, { request }, {}]],
    ['its context has the reply', [{}, {}, { reply: { request } }, {}]],
    ['a reference resolver has it, which gets three arguments', [{}, { req: request }, {}]],
    ['the socket of graphql-ws has it', [{}, {}, { req: { extra: { request } } }, {}]],
    ['attach() was called for what graphql-ws keeps', [{}, {}, { req: { extra: request } }, {}]],
  ])('are found where %s', (_, args) => {
    expect(sessionsOfContext(contextOf('graphql', args))).toBe(sessions);
  });

  it('are not looked for in what the client sends', () => {
    expect(sessionsOfContext(contextOf('graphql', [{}, { req: request }, {}, {}]))).toBeUndefined();
  });
});

describe('the error of a handler without a session', () => {
  it.each([
    ['rpc', /^Handlers\.run\(\): A message of a microservice.*runWithSession/],
    ['ws', /^Handlers\.run\(\): There is no session here.*attach/],
  ])('names the handler and what to do in a context of %s', (type, message) => {
    expect(noSession(contextOf(type, []))).toMatchObject({
      code: 'ERR_SESSION_NO_REQUEST',
      message: expect.stringMatching(message) as unknown,
    });
  });
});
