import { IsIn } from 'class-validator';
import { ATTEMPT_NAMES, FIELDS, type AttemptName, type FieldName } from './attempts.js';

export class AttemptDto {
  @IsIn(ATTEMPT_NAMES, { message: 'The form names no change that can be tried.' })
  readonly change!: AttemptName;

  @IsIn(FIELDS, { message: 'An envelope has no such field.' })
  readonly field: FieldName = 'ciphertext';
}
