import { Module } from '@nestjs/common';
import { DemoRing } from './demo-ring.js';

@Module({ providers: [DemoRing], exports: [DemoRing] })
export class DemoRingModule {}
