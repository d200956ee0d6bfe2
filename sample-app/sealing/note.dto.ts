import { Matches, MaxLength } from 'class-validator';

export class NoteDto {
  /** What the demonstration seals. */
  @MaxLength(60, { message: 'The note is too long; 60 characters are enough to see how it is sealed.' })
  @Matches(/^\P{C}+$/u, { message: 'Write a note to seal.' })
  readonly note!: string;
}
