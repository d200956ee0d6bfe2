import { Module, ValidationPipe } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { APP_PIPE } from '@nestjs/core';
import { SessionCryptoModule } from 'nestjs-session-crypto';
import { AdminModule } from './admin/admin.module.js';
import { AuthModule } from './auth/auth.module.js';
import { CartModule } from './cart/cart.module.js';
import { appConfig } from './config/app.config.js';
import { DatabaseModule } from './database/database.module.js';
import { DevicesModule } from './devices/devices.module.js';
import { HealthModule } from './health/health.module.js';
import { HomeModule } from './home/home.module.js';
import { OpsModule } from './ops/ops.module.js';
import { PagesModule } from './pages/pages.module.js';
import { SealingModule } from './sealing/sealing.module.js';
import { sessionOptions } from './session/session.options.js';

/** The database comes before the sessions, since Nest shuts modules down in the opposite order. */
@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, load: [appConfig] }),
    DatabaseModule,
    SessionCryptoModule.forRootAsync({ inject: [appConfig.KEY], useFactory: sessionOptions }),
    PagesModule,
    AuthModule,
    HomeModule,
    CartModule,
    DevicesModule,
    SealingModule,
    AdminModule,
    OpsModule,
    HealthModule,
  ],
  providers: [
    {
      provide: APP_PIPE,
      useValue: new ValidationPipe({ whitelist: true, transform: true, stopAtFirstError: true }),
    },
  ],
})
export class AppModule {}
