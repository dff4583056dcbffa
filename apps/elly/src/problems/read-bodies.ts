import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { Problem } from './problem.js';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);
const JSON_TYPE = /^application\/json\s*(;|$)/i;

/**
 * Bodies are JSON and come from Elly's own pages or from programs. A form is what another site can send in the name of
 * who is signed in; so is a request without a body, but browsers say where it comes from (ASVS 3.5.1).
 */
export function readBodies(app: NestExpressApplication): void {
  app.use(refuseOtherSites);
  app.use(refuseOtherTypes);
  app.useBodyParser('json');
  app.use(explainUnreadable);
}

function refuseOtherSites(request: Request, _response: Response, next: NextFunction): void {
  const site = request.headers['sec-fetch-site'];
  if (READING.has(request.method) || site === undefined || site === 'same-origin' || site === 'none') return next();
  next(new Problem(403, 'not-allowed', "Only Elly's own pages may do this."));
}

function refuseOtherTypes(request: Request, _response: Response, next: NextFunction): void {
  const type = request.headers['content-type'];
  if (READING.has(request.method) || type === undefined || JSON_TYPE.test(type)) return next();
  next(new Problem(415, 'invalid-request', 'Send the body as application/json.'));
}

/** By what went wrong alone: the parser's own words quote the body. */
function explainUnreadable(error: unknown, _request: Request, _response: Response, next: NextFunction): void {
  if (!(error instanceof Error) || !('type' in error) || typeof error.type !== 'string') return next(error);
  const [status, sentence] = UNREADABLE[error.type] ?? [400, 'The body cannot be read.'];
  next(new Problem(status, 'invalid-request', sentence));
}

const UNREADABLE: Readonly<Record<string, readonly [status: number, sentence: string]>> = {
  'entity.parse.failed': [400, 'The body is not a JSON object.'],
  'entity.too.large': [413, 'The body is larger than 100 kB.'],
  'charset.unsupported': [415, 'Send the body as UTF-8.'],
  'encoding.unsupported': [415, 'Send the body without compression, or with gzip.'],
};
