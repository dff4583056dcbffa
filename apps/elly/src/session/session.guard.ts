import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Problem } from '../problems/problem.js';
import type { SessionRequest } from './session.js';
import { Sessions } from './sessions.js';

/** Marks a handler that only an admin may call. */
export const AdminOnly = Reflector.createDecorator<boolean>({ transform: () => true });

/** Lets signed-in people through. Guards Elly's own routes. */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(
    private readonly sessions: Sessions,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const session = await this.sessions.of(context.switchToHttp().getRequest<SessionRequest>());
    if (this.reflector.get(AdminOnly, context.getHandler()) === true && session.role !== 'admin') {
      throw new Problem(403, 'not-allowed', 'Only an admin of the workspace may do this.');
    }
    return true;
  }
}
