import { Body, Controller, Get, HttpStatus, Post, Redirect, Req, UseGuards } from '@nestjs/common';
import {
  CsrfToken,
  CurrentSession,
  InjectSession,
  Session,
  SessionCsrfGuard,
  SessionGuard,
  SessionService,
} from 'nestjs-session-crypto';
import type { Page } from '../pages/page.js';
import type { ShopSession } from '../session/shop-session.interface.js';
import { AttemptDto } from './attempt.dto.js';
import { ATTEMPTS } from './attempts.js';
import { findDemoCookie } from './demo-cookie.js';
import { DemoRing } from './demo-ring.js';
import { DEMO, type DemoSession } from './demo-session.js';
import { fieldOf, viewEnvelope } from './envelope.js';
import { NoteDto } from './note.dto.js';
import { openedPage } from './opened.page.js';
import { refusedPage, type Tried } from './refused.page.js';
import { rotatedPage } from './rotated.page.js';
import { RotationDto } from './rotation.dto.js';
import { nothingSealed, sealedPage, type SealedDemo } from './sealed.page.js';
import { Trials, type RequestLike } from './trials.js';

/** Shows a session of the demonstration: sealed, opened, refused, and under changing keys. */
@Controller('sealing')
@UseGuards(SessionGuard, SessionCsrfGuard)
export class SealingController {
  constructor(
    private readonly ring: DemoRing,
    private readonly trials: Trials,
    @InjectSession(DEMO) private readonly sessions: SessionService<DemoSession>,
  ) {}

  @Get()
  async sealed(
    @Req() request: RequestLike,
    @CurrentSession(DEMO) session: Session<DemoSession>,
    @CsrfToken() csrf: string,
  ): Promise<Page> {
    const demo = this.find(request, session);
    return demo ? sealedPage(demo, csrf) : nothingSealed('/sealing', csrf);
  }

  @Get('opened')
  opened(
    @Req() request: RequestLike,
    @CurrentSession(DEMO) session: Session<DemoSession>,
    @CsrfToken() csrf: string,
  ): Page {
    const demo = this.find(request, session);
    return demo ? openedPage(demo) : nothingSealed('/sealing/opened', csrf);
  }

  @Get('refused')
  refused(
    @Req() request: RequestLike,
    @CurrentSession(DEMO) session: Session<DemoSession>,
    @CurrentSession() shop: Session<ShopSession>,
    @CsrfToken() csrf: string,
  ): Page {
    const demo = this.find(request, session);
    if (!demo) return nothingSealed('/sealing/refused', csrf);
    return refusedPage(demo, shop.flash('tried') as Tried | undefined, csrf);
  }

  @Get('rotated')
  async rotated(
    @Req() request: RequestLike,
    @CurrentSession(DEMO) session: Session<DemoSession>,
    @CurrentSession() shop: Session<ShopSession>,
    @CsrfToken() csrf: string,
  ): Promise<Page> {
    const demo = this.find(request, session);
    if (!demo) return nothingSealed('/sealing/rotated', csrf);
    const text = shop.get('demoCopy');
    const copy = text === undefined ? undefined : { text, trial: await this.tryCopy(text, demo, request) };
    return rotatedPage(demo, this.ring, copy, csrf);
  }

  @Post('note')
  @Redirect('/sealing', HttpStatus.SEE_OTHER)
  async note(@Body() { note }: NoteDto, @CurrentSession(DEMO) session: Session<DemoSession>): Promise<void> {
    if (!session.isNew) await session.touch(); // seals anew also what is the same
    session.set('note', note);
  }

  @Post('forget')
  @Redirect('/sealing', HttpStatus.SEE_OTHER)
  async forget(
    @CurrentSession(DEMO) session: Session<DemoSession>,
    @CurrentSession() shop: Session<ShopSession>,
  ): Promise<void> {
    shop.delete('demoCopy');
    await session.destroy();
  }

  @Post('attempt')
  @Redirect('/sealing/refused', HttpStatus.SEE_OTHER)
  async attempt(
    @Body() { change, field }: AttemptDto,
    @Req() request: RequestLike,
    @CurrentSession(DEMO) session: Session<DemoSession>,
    @CurrentSession() shop: Session<ShopSession>,
  ): Promise<void> {
    const demo = this.find(request, session);
    if (!demo) return;
    const attempt = await ATTEMPTS[change](demo.cookie, field);
    const tried: Tried = { change, attempt, trial: await this.trials.open(attempt, request) };
    shop.flash('tried', tried);
  }

  /** Keeps a copy of the cookie before the first step, and changes the ring. */
  @Post('rotation')
  @Redirect('/sealing/rotated', HttpStatus.SEE_OTHER)
  async rotate(
    @Body() { step }: RotationDto,
    @Req() request: RequestLike,
    @CurrentSession(DEMO) session: Session<DemoSession>,
    @CurrentSession() shop: Session<ShopSession>,
  ): Promise<void> {
    const demo = this.find(request, session);
    if (!this.ring.take(step))
      return void shop.flash('notice', 'Another visitor has changed the ring meanwhile.');
    if (step === 'append' && demo) shop.set('demoCopy', demo.cookie.text);
    await this.sessions.reloadKeys();
  }

  private tryCopy(text: string, { cookie: { name } }: SealedDemo, request: RequestLike) {
    return this.trials.open({ name, text, path: '/sealing' }, request);
  }

  /** The session with its cookie, if the package has opened it: no page prints the bytes of any other cookie. */
  private find({ headers }: RequestLike, session: Session<DemoSession>): SealedDemo | undefined {
    const cookie = session.isNew ? undefined : findDemoCookie(headers.cookie);
    const envelope = cookie && viewEnvelope(cookie.text);
    const key = envelope && this.ring.find(fieldOf(envelope, 'key hint').value.toString('hex'));
    return key && { session, cookie: cookie!, envelope, key };
  }
}
