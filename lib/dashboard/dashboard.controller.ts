import {
  Controller,
  Get,
  Inject,
  Post,
  Req,
  Res,
  ServiceUnavailableException,
  UseGuards,
  VERSION_NEUTRAL,
  type Type,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { ServerResponse } from 'node:http';
import { HOST, type DashboardHost } from './dashboard-host.js';
import type { Answer } from './dashboard.js';
import type { DashboardRequest } from './dashboard.options.js';
import { QuietSessionsGuard } from './quiet-sessions.guard.js';
import type { ResolvedDashboard } from './resolve-dashboard.js';

interface PlatformRequest extends DashboardRequest {
  readonly method?: string;
  readonly query?: unknown;
  readonly body?: unknown;
}

/** A response of Express, or of Fastify with its raw one. */
interface PlatformResponse {
  readonly raw?: ServerResponse;
  /** Tells Fastify that it has no more to do. */
  hijack?(): unknown;
}

/** Makes the controller of one dashboard. Its page has one address, and all its links begin at that: so it works below any prefix. */
export function dashboardController({ path, guards, decorators }: ResolvedDashboard): Type<object> {
  class SessionDashboardController {
    constructor(
      @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
      @Inject(HOST) private readonly sessions: DashboardHost,
    ) {}

    @Get()
    async show(@Req() request: PlatformRequest, @Res() response: PlatformResponse): Promise<void> {
      const { live, session } = membersOf(request.query);
      if (live !== undefined && request.method !== 'HEAD') return this.stream(live, response);
      this.send(response, await this.dashboard.show(request, session));
    }

    @Post()
    async act(@Req() request: PlatformRequest, @Res() response: PlatformResponse): Promise<void> {
      const { session } = membersOf(request.query);
      this.send(response, await this.dashboard.act(request, session, membersOf(request.body)));
    }

    private get dashboard() {
      return this.sessions.dashboard;
    }

    private async stream(name: unknown, response: PlatformResponse): Promise<void> {
      const raw = response.raw ?? (response as ServerResponse);
      if (!this.dashboard.hasRoom(name))
        throw new ServiceUnavailableException('There are too many viewers; try again later');
      response.hijack?.();
      await this.dashboard.stream(name, raw);
    }

    private send(response: PlatformResponse, { status, headers, body }: Answer): void {
      const { httpAdapter } = this.host;
      for (const [name, value] of Object.entries(headers)) httpAdapter.setHeader(response, name, value);
      httpAdapter.reply(response, body, status);
    }
  }
  const decorate = [
    Controller({ path, version: VERSION_NEUTRAL }),
    UseGuards(QuietSessionsGuard, ...guards),
    ...decorators,
  ];
  for (const one of decorate) one(SessionDashboardController);
  return SessionDashboardController;
}

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  Object(value) as Record<string, unknown>;
