import { Transform } from 'class-transformer';
import { IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { ownPath } from '../pages/menu.js';

/** The form of the login page. */
export class LoginDto {
  @MaxLength(64, { message: 'The name is too long.' })
  @Matches(/^\P{Cc}+$/u, { message: 'Enter your name.' })
  readonly user!: string;

  @MaxLength(256, { message: 'The password is too long.' })
  @MinLength(1, { message: 'Enter your password.' })
  readonly password!: string;

  /** The page to show after the login. */
  @Transform(({ value }) => ownPath(value))
  @IsString()
  readonly next: string = '/';
}

/** The query of the login page. */
export class LoginPageDto {
  @Transform(({ value }) => ownPath(value))
  @IsString()
  readonly next: string = '/';

  @IsOptional()
  @IsString()
  readonly why?: string;
}
