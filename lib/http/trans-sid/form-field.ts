import { isShort, type Edit, type PageText } from './page-text.js';
import type { ScannedRange } from './tag-scanner.js';

/** Bytes that are kept back until it is known where a form may be sent. */
const MAX_FORM = 65_536;

/** The hidden field of the form that a page is in. A form's button can send it elsewhere, to a host that must not learn
 *  the id: so the field is put in when the whole form was seen. It stands at its beginning; in a form too long to be kept
 *  back, at its end. As in a browser there is one form at a time, whatever is begun inside it. */
export class FormField {
  /** The element that we are in where a form neither begins nor ends. */
  private blocker: string | undefined;
  private begin: number | undefined;
  private room: Edit | undefined;
  private own = false;
  /** A form of another host may be open where we see none: what is put into the next one could be put into that. */
  private doubtful = false;

  constructor(
    private readonly text: PageText,
    private readonly field: string,
  ) {}

  /** A start tag: in a `<select>` there are no forms, and those of a `<template>` are not the one around it. */
  enter(tagName: string): void {
    if (tagName === 'select' || (tagName === 'template' && this.isOpen)) this.blocker ??= tagName;
  }

  /** An end tag. */
  leave(tagName: string): void {
    if (tagName === this.blocker) this.blocker = undefined;
  }

  /** `at`: after the start tag. */
  open(at: number, own: boolean): void {
    if (this.begin !== undefined) return;
    if (this.blocker !== undefined) return this.doubt(own);
    if (this.doubtful) return;
    this.begin = at;
    this.own = own;
    if (!own) return;
    this.room = this.text.insert(at);
    this.text.held = at;
  }

  get isOpen(): boolean {
    return this.begin !== undefined;
  }

  /** A form begins where only some browsers see one. */
  doubt(own: boolean): void {
    if (!own && !this.isOpen) this.doubtful = true;
  }

  /** A button of the form sends it to a foreign host. */
  leak(): void {
    this.own = false;
    this.release();
  }

  close(endTag: ScannedRange): void {
    if (this.begin === undefined || this.blocker !== undefined) return;
    if (this.text.held < Infinity) this.give();
    else if (this.own && isShort(endTag)) this.text.insert(endTag.startOffset, this.field);
    this.begin = this.room = undefined;
    this.release();
  }

  /** Lets go what cannot be kept back any longer. */
  limit(): void {
    if (this.begin !== undefined && this.text.fed - this.begin > MAX_FORM) this.release();
  }

  /** Puts the field in where it belongs, if there is still time. */
  give(): void {
    if (this.own && this.room && this.text.held < Infinity) this.room.text = this.field;
  }

  private release(): void {
    this.text.held = Infinity;
  }
}
