import type { OutgoingHttpHeader } from 'node:http';
import type { Response } from 'express';

/** An answer as the API made it, before a byte of it has left. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, OutgoingHttpHeader>>;
  readonly body: Buffer;
}

/**
 * Holds back what the API answers and hands it over whole; `deliver` then sends what the client gets. Costs the memory
 * of the whole answer.
 */
export function interceptAnswer(response: Response, deliver: (answer: WholeAnswer) => void): void {
  const original = { write: response.write.bind(response), end: response.end.bind(response) };
  const chunks: Buffer[] = [];

  const collect = (chunk: unknown, encoding: unknown): void => {
    if (typeof chunk === 'string') {
      chunks.push(Buffer.from(chunk, typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8'));
    } else if (chunk instanceof Uint8Array) {
      chunks.push(Buffer.from(chunk));
    }
  };
  const callBack = (...candidates: readonly unknown[]): void => {
    for (const candidate of candidates) if (typeof candidate === 'function') process.nextTick(candidate);
  };

  response.write = ((chunk: unknown, encoding?: unknown, done?: unknown): boolean => {
    collect(chunk, encoding);
    callBack(encoding, done);
    return true;
  }) as Response['write'];

  response.end = ((chunk?: unknown, encoding?: unknown, done?: unknown): Response => {
    collect(chunk, encoding);
    response.write = original.write;
    response.end = original.end;
    const headers: Record<string, OutgoingHttpHeader> = {};
    for (const [name, value] of Object.entries(response.getHeaders())) if (value !== undefined) headers[name] = value;
    deliver({ status: response.statusCode, headers, body: Buffer.concat(chunks) });
    callBack(chunk, encoding, done);
    return response;
  }) as Response['end'];
}

/** Sends an answer with another body; the length and the tag of the original no longer hold. */
export function sendInstead(response: Response, body: Buffer): void {
  response.removeHeader('ETag');
  if (response.statusCode !== 204 && response.statusCode !== 304) response.setHeader('Content-Length', body.byteLength);
  response.end(body);
}

/** Sends another answer altogether. */
export function replaceAnswer(response: Response, answer: WholeAnswer): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  response.end(answer.body);
}
