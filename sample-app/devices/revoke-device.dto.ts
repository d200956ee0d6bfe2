import { Matches } from 'class-validator';

export class RevokeDeviceDto {
  /** The id of a session, 32 bytes in base64url. */
  @Matches(/^[\w-]{43}$/, { message: 'The form names no device.' })
  readonly id!: string;
}
