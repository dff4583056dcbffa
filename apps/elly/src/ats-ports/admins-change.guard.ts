import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { Problem } from '../problems/problem.js';
import type { SessionRequest } from '../session/session.js';
import { Sessions } from '../session/sessions.js';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Guards the library's routes: everybody of the workspace may look, only an admin connects, syncs and maps stages. */
@Injectable()
export class AdminsChangeGuard implements CanActivate {
  constructor(private readonly sessions: Sessions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<SessionRequest & { readonly method: string }>();
    const session = await this.sessions.of(request);
    if (!READING.has(request.method) && session.role !== 'admin') {
      throw new Problem(403, 'not-allowed', 'Only an admin of the workspace may do this.');
    }
    return true;
  }
}
