import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule, type ConfigType } from '@nestjs/config';
import { SessionCryptoModule } from 'nestjs-session-crypto';
import { AdminController } from './admin/admin.controller.js';
import { CartController } from './cart/cart.controller.js';
import { sessionConfig, sessionsLiveInPostgres } from './config/session.config.js';
import { DatabaseModule } from './database/database.module.js';
import { DevicesController } from './devices/devices.controller.js';
import { HomeController } from './home/home.controller.js';
import { LoginController } from './login/login.controller.js';
import { PagesModule } from './pages/pages.module.js';

@Module({
  controllers: [HomeController, LoginController, CartController, DevicesController, AdminController],
})
export class AppModule {
  /** Reads the environment when it is called, so that tests can change it first.
   *
   *  The database is imported before the sessions: Nest shuts down in the opposite order. */
  static forRoot(): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot({ isGlobal: true, load: [sessionConfig] }),
        ...(sessionsLiveInPostgres(process.env) ? [DatabaseModule.forRoot()] : []),
        SessionCryptoModule.forRootAsync({
          inject: [sessionConfig.KEY],
          useFactory: (options: ConfigType<typeof sessionConfig>) => options,
        }),
        PagesModule,
      ],
    };
  }
}
