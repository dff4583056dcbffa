import { describeAtsRoutes } from '@elly/ats-integration';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
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
  const document = (): OpenAPIObject => describeAtsRoutes(SwaggerModule.createDocument(app, description), 'api/ats');
  SwaggerModule.setup('api/docs', app, document, {
    jsonDocumentUrl: 'api/docs-json',
  });
}
