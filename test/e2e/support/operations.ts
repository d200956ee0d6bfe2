import type { INestApplication } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import type { Visitor } from '../../support/visitor.js';

type Resolver = (...args: unknown[]) => Promise<unknown>;
type Resolvers = Record<string, Resolver>;
type Owner = new (...args: never[]) => object;

/** Where Nest keeps the decorators of parameters. */
const PARAMETERS = '__routeArguments__';

/** The roots of the operations, one for the process, as in Mercurius. */
export const ROOT: Record<string, unknown> = {};

/** Answers operations at `/graphql?fields=a,b` as @nestjs/graphql does: each field is a handler with guards and decorators of its
 *  own, all fields begin at once, and they share the request. No controller is in between. */
export function serveOperations(app: INestApplication, owner: Owner): void {
  const adapter = app.getHttpAdapter();
  const operation = async (request: { query: { fields: string } }) => {
    const fields = request.query.fields.split(',');
    const run = (field: string) => runHandler(app, owner, field, ['graphql', ROOT, {}, { req: request }, {}]);
    const values = await Promise.all(fields.map(run));
    return Object.fromEntries(fields.map((field, i) => [field, values[i]]));
  };
  const serve = (request: { query: { fields: string } }, response: object) =>
    void operation(request).then((values) => adapter.reply(response, values, 200) as unknown);
  adapter.get('/graphql', serve as never);
}

/** Runs a handler as Nest does in another context than HTTP. Resolves to its value, or to the code of its error. */
export async function runHandler(
  app: INestApplication,
  owner: Owner,
  name: string,
  [type, ...args]: readonly [type: string, ...args: unknown[]],
): Promise<unknown> {
  const instance = app.get<Resolvers>(owner);
  const factory = { exchangeKeyForValue: () => undefined };
  const rest = [undefined, undefined, undefined, type] as const;
  const creator = app.get(ExternalContextCreator);
  const run = creator.create(instance, instance[name]!, name, PARAMETERS, factory, ...rest) as Resolver;
  return run(...args).catch(codeOf);
}

function codeOf(error: { code?: string; response?: { code?: string }; message: string }): string {
  return error.response?.code ?? error.code ?? error.message;
}

/** Asks for fields, and resolves to their values by name. */
export const operate = async (visitor: Visitor, ...fields: string[]): Promise<Record<string, unknown>> =>
  (await visitor.get(`/graphql?fields=${fields.join(',')}`)).body as Record<string, unknown>;
