import type { PipeTransform } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import type { Session, SessionRequest } from './session.js';
import { Sessions } from './sessions.js';

/** Turns the request into its session; `SessionGuard` has looked it up already. */
@Injectable()
export class CurrentSessionPipe implements PipeTransform<SessionRequest, Promise<Session>> {
  constructor(private readonly sessions: Sessions) {}

  transform(request: SessionRequest): Promise<Session> {
    return this.sessions.of(request);
  }
}
