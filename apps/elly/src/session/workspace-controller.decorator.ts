import { Controller, UseGuards, applyDecorators } from '@nestjs/common';
import { ApiCookieAuth, ApiDefaultResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { problemSchema } from '../problems/problem.schema.js';
import { SESSION_COOKIE } from './session-cookie.js';
import { SessionGuard } from './session.guard.js';
import { USER_HEADER } from './sessions.js';

/** A controller whose every handler needs a signed-in user and answers errors as problem documents. */
export function WorkspaceController(path: string, tag: string): ClassDecorator {
  return applyDecorators(
    Controller(path),
    UseGuards(SessionGuard),
    ApiTags(tag),
    ApiSecurity(USER_HEADER),
    ApiCookieAuth(SESSION_COOKIE),
    ApiDefaultResponse({ description: 'Problem details (RFC 9457)', standardSchema: problemSchema }),
  );
}
