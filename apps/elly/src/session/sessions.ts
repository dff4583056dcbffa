import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../configuration/app-config.js';
import { boundQuery } from '../database/bound-query.js';
import { Problem } from '../problems/problem.js';
import type { Session, SessionRequest } from './session.js';
import { SessionCookie } from './session-cookie.js';

export const USER_HEADER = 'x-elly-user';

/**
 * Whose request is this? By the signed cookie, or, outside production, by the header `x-elly-user` with a user's id or
 * e-mail address: a stand-in for the sign-in that a real product has.
 */
@Injectable()
export class Sessions {
  /** A guard and the library's resolver ask for the same request: one look-up answers both. */
  readonly #known = new WeakMap<SessionRequest['headers'], Promise<Session>>();

  constructor(
    private readonly em: EntityManager,
    private readonly config: AppConfig,
    private readonly cookie: SessionCookie,
  ) {}

  /** @throws Problem 401. */
  of(request: SessionRequest): Promise<Session> {
    const known = this.#known.get(request.headers);
    if (known !== undefined) return known;
    const session = this.#find(request);
    this.#known.set(request.headers, session);
    return session;
  }

  /** The user with this id or e-mail address, or null. */
  async byIdOrEmail(idOrEmail: string): Promise<Session | null> {
    const { rows } = await boundQuery<Session>(
      this.em,
      `select id as "userId", workspace_id as "workspaceId", name, email, role
         from elly.users where email = lower($1) or id::text = lower($1)`,
      [idOrEmail],
    );
    return rows[0] ?? null;
  }

  async #find(request: SessionRequest): Promise<Session> {
    const session = await this.#named(request);
    if (session !== null) return session;
    throw new Problem(401, 'not-signed-in', 'Sign in to Elly first.');
  }

  async #named(request: SessionRequest): Promise<Session | null> {
    const header = request.headers[USER_HEADER];
    if (typeof header === 'string' && header !== '') {
      if (this.config.isProduction) {
        throw new Problem(
          401,
          'not-signed-in',
          `The header ${USER_HEADER} signs people in for development only: a production Elly needs a real sign-in.`,
        );
      }
      return this.byIdOrEmail(header);
    }
    const userId = this.cookie.read(request.headers['cookie'], new Date());
    return userId === null ? null : this.byIdOrEmail(userId);
  }
}
