import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { SESSION_COOKIE } from './session/session-cookie.js';
import { USER_HEADER } from './session/sessions.js';

/** `/api/docs` for people, `/api/docs-json` for programs. */
export function serveOpenApi(app: INestApplication): void {
  const description = new DocumentBuilder()
    .setTitle('Elly')
    .setDescription(
      `Jobs, candidates and the pipeline of a workspace. In development the header \`${USER_HEADER}: ada@acme.example\` says who you are.`,
    )
    .setVersion('1')
    .addApiKey({ type: 'apiKey', in: 'header', name: USER_HEADER }, USER_HEADER)
    .addCookieAuth(SESSION_COOKIE, { type: 'apiKey', in: 'cookie' }, SESSION_COOKIE)
    .build();
  SwaggerModule.setup('api/docs', app, () => SwaggerModule.createDocument(app, description), {
    jsonDocumentUrl: 'api/docs-json',
  });
}
