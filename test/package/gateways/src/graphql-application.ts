import 'reflect-metadata';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module, UseGuards, type INestApplication, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Field,
  GraphQLModule,
  Int,
  Mutation,
  ObjectType,
  Query,
  ResolveField,
  Resolver,
  Subscription,
} from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import {
  CurrentSession,
  CurrentSubject,
  memoryStore,
  ReadonlySession,
  RequireSession,
  Session,
  SessionCryptoModule,
  SessionCsrfGuard,
  SessionGuard,
  SessionService,
  SessionValue,
  UseSession,
} from 'nestjs-session-crypto';

@ObjectType()
class Visitor {
  @Field(() => String)
  name!: string;
}

@Resolver(() => Visitor)
class Operations {
  constructor(private readonly sessions: SessionService) {}

  @Query(() => Visitor)
  visitor(@CurrentSubject() subject: string | undefined) {
    return { name: subject ?? 'nobody' };
  }

  @ResolveField(() => Int)
  visits(@CurrentSession() session: Session<{ visits: number }>) {
    return session.increment('visits');
  }

  @ResolveField(() => [String])
  async cart(@SessionValue('cart') cart: string[] | undefined) {
    await Promise.resolve();
    return cart ?? [];
  }

  @ResolveField(() => Boolean)
  async current(@CurrentSession() session: Session) {
    return (await this.sessions.current()).id === session.id;
  }

  @Query(() => String)
  @UseGuards(SessionGuard)
  me(@CurrentSubject() subject: string) {
    return subject;
  }

  @Query(() => String)
  @UseGuards(SessionGuard)
  @RequireSession({ keys: ['secondFactor'] })
  vault() {
    return 'gold';
  }

  @Query(() => String)
  @ReadonlySession()
  frozen(@CurrentSession() session: Session<{ visits: number }>) {
    return String(session.increment('visits'));
  }

  @Mutation(() => String)
  async login(@CurrentSession() session: Session) {
    await session.login('ada');
    return session.id;
  }

  @Mutation(() => Boolean)
  async shopLogin(@CurrentSession('shop') session: Session) {
    await session.login('eve');
    return true;
  }

  @Query(() => String, { nullable: true })
  @UseSession('shop')
  @UseGuards(SessionGuard)
  shopper(@CurrentSubject() subject: string) {
    return subject;
  }

  @Mutation(() => Boolean)
  async logout(@CurrentSession() session: Session) {
    await session.logout();
    return true;
  }

  @Mutation(() => [String])
  @UseGuards(SessionCsrfGuard)
  buy(@CurrentSession() session: Session<{ cart: string[] }>) {
    return session.update('cart', (cart) => [...(cart ?? []), 'tea']);
  }

  @Mutation(() => Int)
  async revoke() {
    return this.sessions.revokeSubject('ada');
  }

  @Subscription(() => String)
  @UseGuards(SessionGuard)
  async *greetings(@CurrentSubject() subject: string) {
    yield { greetings: `hello ${subject}` };
  }

  @Subscription(() => String)
  async *names(@CurrentSubject() subject: string | undefined) {
    yield { names: subject ?? 'nobody' };
  }

  @Subscription(() => Int)
  @UseGuards(SessionGuard)
  async *counts(@CurrentSession() session: Session<{ count: number }>) {
    yield { counts: await session.increment('count', 1, { commit: true }) };
  }
}

const ORIGINS = ['https://app.example'];

const apollo = (withOrigins: boolean) =>
  GraphQLModule.forRootAsync<ApolloDriverConfig>({
    driver: ApolloDriver,
    inject: [SessionService],
    useFactory: (sessions: SessionService) => ({
      autoSchemaFile: true,
      csrfPrevention: false, // ours is tested
      allowBatchedHttpRequests: true,
      subscriptions: {
        'graphql-ws': {
          onConnect: async ({ extra }) => {
            const { request } = extra as { request: IncomingMessage };
            await sessions.attach(request, extra as object, withOrigins ? { origins: ORIGINS } : {});
          },
        },
      },
    }),
  });

const mercurius = (withOrigins: boolean) =>
  GraphQLModule.forRootAsync<MercuriusDriverConfig>({
    driver: MercuriusDriver,
    inject: [SessionService],
    useFactory: (sessions: SessionService) => ({
      autoSchemaFile: true,
      allowBatchedQueries: true,
      subscription: withOrigins
        ? {
            context: async (_: unknown, request: FastifyRequest) => {
              await sessions.attach(request.raw, request, { origins: ORIGINS });
              return { request };
            },
          }
        : true, // the middleware has judged the handshake
    }),
  });

/** The servers, each on the adapters that it runs on. */
export const SERVERS = {
  'Apollo on Express': { graphql: apollo, adapter: () => new ExpressAdapter() },
  'Apollo on Fastify': { graphql: apollo, adapter: () => new FastifyAdapter() },
  'Mercurius on Fastify': { graphql: mercurius, adapter: () => new FastifyAdapter() },
} as const;

export type Server = keyof typeof SERVERS;

export interface GraphQLApplication {
  readonly app: INestApplication;
  readonly url: string;
  readonly store: ReturnType<typeof memoryStore>;
}

export async function startGraphQL(
  server: Server,
  withOrigins = true,
  load: 'lazy' | 'eager' = 'lazy',
): Promise<GraphQLApplication> {
  const { graphql, adapter } = SERVERS[server];
  const store = memoryStore({ allowInProduction: true });
  const crypto = { secrets: [`hex:${'11'.repeat(32)}`] };
  @Module({
    imports: [
      SessionCryptoModule.forRoot({ crypto, store, session: { load } }),
      SessionCryptoModule.forRootAsync({
        name: 'shop',
        useFactory: () => ({ crypto, store: memoryStore({ allowInProduction: true }) }),
      }),
      graphql(withOrigins),
    ],
    providers: [Operations],
  })
  class AppModule {}
  const app = await NestFactory.create(AppModule as Type, adapter(), { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  return { app, url: (await app.getUrl()).replace('[::1]', '127.0.0.1'), store };
}
