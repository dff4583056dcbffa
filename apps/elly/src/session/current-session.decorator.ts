import type { ExecutionContext } from '@nestjs/common';
import { createParamDecorator } from '@nestjs/common';
import { CurrentSessionPipe } from './current-session.pipe.js';
import type { SessionRequest } from './session.js';

const Request = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  context.switchToHttp().getRequest<SessionRequest>(),
);

/** The signed-in user of a guarded handler. */
export const CurrentSession = (): ParameterDecorator => Request(CurrentSessionPipe);
