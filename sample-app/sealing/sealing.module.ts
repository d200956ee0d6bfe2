import { Module } from '@nestjs/common';
import { SessionCryptoModule } from 'nestjs-session-crypto';
import { DemoRing } from './demo-ring.js';
import { DemoRingModule } from './demo-ring.module.js';
import { DEMO, demoOptions } from './demo-session.js';
import { SealingController } from './sealing.controller.js';
import { Trials } from './trials.js';

/** The demonstration has a session of its own beside that of the shop. */
@Module({
  imports: [
    DemoRingModule,
    SessionCryptoModule.forRootAsync({
      name: DEMO,
      imports: [DemoRingModule],
      inject: [DemoRing],
      useFactory: demoOptions,
    }),
  ],
  controllers: [SealingController],
  providers: [Trials],
})
export class SealingModule {}
