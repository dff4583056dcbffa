import { Body, Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiDefaultResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { CookieOptions, Request, Response } from 'express';
import { AppConfig } from '../configuration/app-config.js';
import { Problem } from '../problems/problem.js';
import { problemSchema } from '../problems/problem.schema.js';
import { SESSION_COOKIE, SESSION_SECONDS, SessionCookie } from './session-cookie.js';
import { sessionView, signInBody } from './session.schemas.js';
import type { SignInBody } from './session.schemas.js';
import type { Session } from './session.js';
import { Sessions } from './sessions.js';

@Controller('session')
@ApiTags('session')
@ApiDefaultResponse({ description: 'Problem details (RFC 9457)', standardSchema: problemSchema })
export class SessionController {
  constructor(
    private readonly sessions: Sessions,
    private readonly cookie: SessionCookie,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @ApiOkResponse({ description: 'Who is signed in', standardSchema: sessionView })
  current(@Req() request: Request): Promise<Session> {
    return this.sessions.of(request);
  }

  @Post()
  @ApiCreatedResponse({
    description: 'Signed in; sets the session cookie. Development only: nobody is asked for a password',
    standardSchema: sessionView,
  })
  async signIn(
    @Body({ schema: signInBody }) body: SignInBody,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Session> {
    if (this.config.isProduction) {
      throw new Problem(
        403,
        'not-allowed',
        'Elly signs people in without a password for development only: put an identity provider in front of it.',
      );
    }
    const session = await this.sessions.byIdOrEmail(body.user);
    if (session === null) throw new Problem(401, 'not-signed-in', 'Elly knows no user with this e-mail address or id.');
    response.cookie(SESSION_COOKIE, this.cookie.issue(session.userId, new Date()), {
      ...this.#cookieOptions(),
      maxAge: SESSION_SECONDS * 1000,
    });
    return session;
  }

  @Delete()
  @HttpCode(204)
  signOut(@Res({ passthrough: true }) response: Response): void {
    response.clearCookie(SESSION_COOKIE, this.#cookieOptions());
  }

  /** Lax, not strict: the ATS sends the browser back to us after the consent page, and we have to know who it is then. */
  #cookieOptions(): CookieOptions {
    return { httpOnly: true, sameSite: 'lax', secure: this.config.publicUrl.startsWith('https:'), path: '/' };
  }
}
