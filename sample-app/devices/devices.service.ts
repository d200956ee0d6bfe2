import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { SessionService, type Session, type SessionSummary } from 'nestjs-session-crypto';
import { In, LessThan, Repository } from 'typeorm';
import { appConfig, type AppConfig } from '../config/app.config.js';
import type { ShopSession } from '../session/shop-session.interface.js';
import { deviceName } from './device-name.js';
import { Device } from './device.entity.js';

export interface ListedDevice extends SessionSummary {
  readonly name: string;
}

/** No session lives longer: it is the default of `session.absoluteTimeout`, in milliseconds. */
const LONGEST_SESSION = 28_800_000;

/** Names the sessions of a user. The library lists sessions by their ids, so a table has the name for each id. */
@Injectable()
export class DevicesService implements OnModuleInit, OnApplicationShutdown {
  /** Sessions in cookies cannot be listed. */
  readonly canList: boolean;
  private readonly logger = new Logger(DevicesService.name);
  private readonly following = new Set<Promise<void>>();

  constructor(
    @InjectRepository(Device) private readonly devices: Repository<Device>,
    @Inject(SessionService) private readonly sessions: SessionService<ShopSession>,
    @Inject(appConfig.KEY) { sessionStore }: AppConfig,
  ) {
    this.canList = sessionStore === 'postgres';
  }

  /** Every quarter of an hour a session gets a new id. The name follows it. */
  onModuleInit(): void {
    this.sessions.events.on('regenerated', ({ id, periodic }) => {
      if (!periodic) return;
      const followed = this.follow(id).catch((error: Error) => this.logger.warn(error.message));
      this.following.add(followed);
      void followed.then(() => this.following.delete(followed));
    });
  }

  /** Nobody waits for listeners, so this waits for their last queries before the database closes. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.following);
  }

  /** Call it after a login. */
  async remember(session: Session<ShopSession>, userAgent: string | undefined): Promise<void> {
    if (!this.canList) return;
    const name = deviceName(userAgent);
    session.set('device', name);
    await session.save(); // the id is new, and final from here on
    await this.devices.delete({ createdAt: LessThan(new Date(Date.now() - LONGEST_SESSION)) });
    await this.devices.insert({ sessionId: session.id, name });
  }

  /** Live sessions of a user, last seen first. */
  async list(userId: string): Promise<ListedDevice[]> {
    await Promise.all(this.following);
    const sessions = await this.sessions.list(userId);
    const devices = await this.devices.findBy({ sessionId: In(sessions.map(({ id }) => id)) });
    const names = new Map(devices.map(({ sessionId, name }) => [sessionId, name]));
    return sessions.map((session) => ({ ...session, name: names.get(session.id) ?? deviceName() }));
  }

  /** Logs one device of a user out. Resolves to `false` if the user has no such device. */
  async revoke(userId: string, id: string): Promise<boolean> {
    const own = await this.sessions.list(userId);
    if (own.every((session) => session.id !== id)) return false;
    await this.sessions.revoke(id);
    return true;
  }

  /** Logs all devices of a user out but one. Resolves to their number. */
  revokeOthers(userId: string, except: string): Promise<number> {
    return this.sessions.revokeSubject(userId, { except });
  }

  private async follow(sessionId: string): Promise<void> {
    const name = (await this.sessions.current()).get('device');
    if (name !== undefined) await this.devices.upsert({ sessionId, name }, ['sessionId']);
  }
}
