import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import type { CookieReply } from './sign-in-cookie.js';

/**
 * The address of a callback holds a code: no cache keeps the answer and no further page learns where the browser came
 * from (RFC 9700 §4.2). It goes before every other guard, because their refusals are answers to that address, too.
 */
@Injectable()
export class CallbackPrivacyGuard implements CanActivate {
  canActivate(context: ExecutionContext): true {
    const reply = context.switchToHttp().getResponse<CookieReply>();
    reply.header('Cache-Control', 'no-store');
    reply.header('Referrer-Policy', 'no-referrer');
    return true;
  }
}
