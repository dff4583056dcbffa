import type { RequestHandler, Response } from 'express';

/** Keeps what a request changed before its answer leaves: a token that a client holds is one that a restart knows. */
export function keepBeforeAnswer(keep: () => void): RequestHandler {
  return (request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') return next();
    const end = response.end.bind(response) as (...parameters: unknown[]) => Response;
    response.end = ((...parameters: unknown[]): Response => {
      keep();
      return end(...parameters);
    }) as Response['end'];
    // An answer that is lost on its way never ends, but what was asked for is done.
    response.once('close', () => {
      if (!response.writableEnded) keep();
    });
    next();
  };
}
