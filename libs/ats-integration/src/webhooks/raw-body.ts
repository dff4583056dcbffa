import type { IncomingMessage } from 'node:http';

/** The largest delivery that is read. */
export const MOST_BODY_BYTES = 5 * 1024 * 1024;

/** As a host's body parser may have left it. */
export interface DeliveryRequest extends IncomingMessage {
  /** Nest, with `rawBody: true`. */
  readonly rawBody?: unknown;
  readonly body?: unknown;
  readonly originalUrl?: string;
}

export type RawBody = Buffer | 'too-large' | 'already-parsed';

/**
 * The bytes that were signed: what the host's parser kept, or the stream when nobody has read it. Parsed JSON is no
 * substitute: written again it is another text, and no signature holds.
 */
export async function readRawBody(request: DeliveryRequest): Promise<RawBody> {
  const kept = Buffer.isBuffer(request.rawBody) ? request.rawBody : request.body;
  if (Buffer.isBuffer(kept)) return kept.length > MOST_BODY_BYTES ? 'too-large' : kept;
  if (request.readableEnded || request.readableDidRead) return 'already-parsed';
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) return 'too-large';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
