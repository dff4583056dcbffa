import { Global, Module } from '@nestjs/common';
import { SessionController } from './session.controller.js';
import { SessionCookie } from './session-cookie.js';
import { SessionGuard } from './session.guard.js';
import { Sessions } from './sessions.js';

/** Global: the guard protects the library's controllers too, which live in another module. */
@Global()
@Module({
  controllers: [SessionController],
  providers: [Sessions, SessionCookie, SessionGuard],
  exports: [Sessions, SessionGuard],
})
export class SessionModule {}
