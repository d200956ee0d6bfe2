import { IsIn } from 'class-validator';
import type { RingStep } from './demo-ring.js';

export class RotationDto {
  @IsIn(['append', 'promote', 'drop'] satisfies RingStep[], { message: 'A rotation has no such step.' })
  readonly step!: RingStep;
}
