import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express from 'express';
import type { NextFunction, Request, Response } from 'express';

/** The same for the source and the build of this file: both are two folders below `apps/elly`. */
const BUILT = fileURLToPath(new URL('../../web/dist', import.meta.url));

const READING = new Set(['GET', 'HEAD']);
const API = /^\/api(\/|$)/i;

/**
 * Everything comes from Elly itself. Inline styles are Mantine's, which sets its variables by them; there are no inline
 * scripts. Sign-ins leave by a change of the address, which no directive here is about.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Serves the front end that `apps/elly/web` builds: its files, and its page for every other address outside of `/api`.
 * Without a build there is none, and the API is as it is.
 */
export function serveWeb(app: NestExpressApplication, folder: string = BUILT): void {
  const page = join(folder, 'index.html');
  if (!existsSync(page)) return;
  const files = express.static(folder, { index: false, redirect: false, setHeaders: setCacheHeaders });
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (!READING.has(request.method) || API.test(request.path)) return next();
    setSecurityHeaders(response);
    files(request, response, (error: unknown) => {
      if (error !== undefined) return next(error);
      // An old page asks for files of a build that is gone: a page in their place would be taken for a script.
      if (request.path.startsWith('/assets/')) return next();
      response.set('cache-control', 'no-cache').sendFile(page, (failed: unknown) => {
        if (failed !== undefined && !response.headersSent) next(failed);
      });
    });
  });
}

function setSecurityHeaders(response: Response): void {
  response.set({
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  });
}

/** The names of the files in `assets` hold a hash of what is in them; all others are asked for anew. */
function setCacheHeaders(response: Response, path: string): void {
  const hashed = basename(dirname(path)) === 'assets';
  response.set('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
}
