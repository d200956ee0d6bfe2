import { isShort, type Edit, type PageText } from './page-text.js';
import type { ScannedRange } from './tag-scanner.js';

/** Bytes of a form that are kept back until all its buttons were seen. */
const MAX_FORM = 65_536;

/** Puts the hidden field with the id into the form that the scanner is in.
 *
 *  A button can send its form to another host, which must not learn the id. So the field is put in only once the whole
 *  form was seen. It stands at the beginning of the form; if the form is too long to be kept back, at its end. As in a
 *  browser, only one form is open at a time, and form tags inside it do not count. */
export class FormField {
  /** The `<select>` or `<template>` that we are in: a form tag there neither opens nor closes our form. */
  private blocker: string | undefined;
  /** Offset behind the start tag of the open form; `undefined` if no form is open. */
  private start: number | undefined;
  /** The place for the field at the beginning of the form. */
  private placeholder: Edit | undefined;
  /** The open form sends only to our own hosts, as far as it was seen. */
  private isOwn = false;
  /** Some browsers may have opened a form of a foreign host that we do not count. A field that we put into the next form
   *  could become part of it. So no form gets a field from now on. */
  private isUnsure = false;

  constructor(
    private readonly text: PageText,
    /** The markup of the field. */
    private readonly field: string,
  ) {}

  /** Handles a start tag. A `<select>` contains no forms, and a form in a `<template>` is not the one around it. */
  enter(tagName: string): void {
    if (tagName === 'select' || (tagName === 'template' && this.isOpen)) this.blocker ??= tagName;
  }

  /** Handles an end tag. */
  leave(tagName: string): void {
    if (tagName === this.blocker) this.blocker = undefined;
  }

  /** Opens a form. `at` is the offset behind its start tag; `isOwn` says that it sends to an own host. */
  open(at: number, isOwn: boolean): void {
    if (this.start !== undefined) return;
    if (this.blocker !== undefined) return this.openUnsure(isOwn);
    if (this.isUnsure) return;
    this.start = at;
    this.isOwn = isOwn;
    if (!isOwn) return;
    this.placeholder = this.text.insert(at);
    this.text.heldFrom = at;
  }

  get isOpen(): boolean {
    return this.start !== undefined;
  }

  /** Handles a form tag where only some browsers open a form. */
  openUnsure(isOwn: boolean): void {
    if (!isOwn && !this.isOpen) this.isUnsure = true;
  }

  /** A button of the form sends it to a foreign host: the form gets no field. */
  forbid(): void {
    this.isOwn = false;
    this.release();
  }

  /** A button that cannot be changed sends a form of the page to a foreign host: no form gets a field from now on. */
  forbidAll(): void {
    this.isUnsure = true;
    this.forbid();
  }

  /** Closes the form and puts the field in. */
  close(endTag: ScannedRange): void {
    if (this.start === undefined || this.blocker !== undefined) return;
    if (this.text.heldFrom < Infinity) this.fill();
    else if (this.isOwn && isShort(endTag)) this.text.insert(endTag.startOffset, this.field);
    this.start = this.placeholder = undefined;
    this.release();
  }

  /** Stops keeping back a form that is too long. */
  enforceLimit(): void {
    if (this.start !== undefined && this.text.received - this.start > MAX_FORM) this.release();
  }

  /** Puts the field at the beginning of the form, if the form is own and its beginning has not left yet. */
  fill(): void {
    if (this.isOwn && this.placeholder && this.text.heldFrom < Infinity) this.placeholder.text = this.field;
  }

  private release(): void {
    this.text.heldFrom = Infinity;
  }
}
