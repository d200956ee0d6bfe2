import { Module } from '@nestjs/common';
import { SessionCryptoModule } from 'nestjs-session-crypto';
import { HealthModule } from './health.module';
import { VisitorController } from './visitor.controller';

@Module({
  imports: [
    SessionCryptoModule.forRoot({ crypto: { secrets: ['a passphrase for this test'] } }),
    HealthModule,
  ],
  controllers: [VisitorController],
})
export class AppModule {}
